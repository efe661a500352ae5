#pragma once

#include <algorithm>

#include "ops/folded_axes.hpp"
#include "ops/select.hpp"

namespace varve::ops {

/// Holds the wanted quantiles in ascending order, and where each belongs in the result.
struct SortedQuantiles {
  explicit SortedQuantiles(const std::vector<double>& wanted);

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(q.size()); }
  [[nodiscard]] std::uint64_t hash() const noexcept;
  /// Writes values, in ascending order of q, to their places: those of [lo, hi) on axis 0 of `out`, whose
  /// other axes are at `kept`.
  void scatter(const double* values, std::int64_t lo, std::int64_t hi, const Index& kept,
               const StridedView& out) const;

  std::vector<double> q;
  std::vector<std::int64_t> place;
};

/// Returns the dtype of a quantile.
[[nodiscard]] inline DType quantile_dtype(DType input) {
  return input == DType::float32 ? DType::float32 : DType::float64;
}

/// Puts an axis for the quantiles before a grid of kept elements.
[[nodiscard]] ChunkGrid with_quantile_axis(const ChunkGrid& kept, std::int64_t count);

/// Returns a box of the result without the axis of the quantiles.
[[nodiscard]] Box kept_box(const Box& box);

/// Finds quantiles of rows too large to be gathered, by passes over the input: each fixes some more bits of
/// the keys of the wanted elements, by counting how many elements share the bits known so far. Exact,
/// whatever the values.
[[nodiscard]] expr::NodePtr refined_quantiles(const expr::NodePtr& input, const QuantileRequest& request);

}  // namespace varve::ops
