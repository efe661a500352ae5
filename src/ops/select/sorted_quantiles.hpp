#pragma once

#include <cstdint>
#include <vector>

#include "kernels/select.hpp"
#include "varve/core/box.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::ops {

/// Holds the wanted quantiles in ascending order, and where each belongs in the result.
struct SortedQuantiles {
  static void fields(auto& self, auto& visit) { visit("q", self.q, "place", self.place); }

  SortedQuantiles() = default;
  explicit SortedQuantiles(const std::vector<double>& wanted);

  void prepare() const;
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(q.size()); }
  /// Writes values, in ascending order of q, to their places: those of [lo, hi) on axis 0 of `out`, whose
  /// other axes are at `kept`.
  void scatter(const kernels::QuantileValue* values, std::int64_t lo, std::int64_t hi, const Index& kept,
               const StridedView& out) const;

  std::vector<double> q;
  std::vector<std::int64_t> place;
};

}  // namespace varve::ops
