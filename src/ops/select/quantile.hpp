#pragma once

#include "ops/folded_axes.hpp"
#include "ops/select/select.hpp"
#include "ops/select/sorted_quantiles.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {

/// Says what is found of each row: all folded elements of a kept one.
struct RowQuantiles {
  DType dtype = DType::float64;
  FoldedAxes axes;
  SortedQuantiles wanted;
  QuantileMethod method = QuantileMethod::linear;
  bool skips_nan = false;

  static void fields(auto& self, auto& visit) {
    visit("dtype", self.dtype, "folded", self.axes, "wanted", self.wanted, "method", self.method, "skips_nan",
          self.skips_nan);
  }

  RowQuantiles() = default;
  RowQuantiles(const expr::NodePtr& input, const QuantileRequest& request)
      : dtype(input->dtype),
        axes(input->shape, request.axes),
        wanted(request.q),
        method(request.method),
        skips_nan(request.skips_nan) {}
  void prepare() const { require_quantiles(dtype, method); }
  /// Refuses a grid that is not one of these rows.
  void require_rows(const ChunkGrid& rows) const;
  static void require_quantiles(DType dtype, QuantileMethod method);
};

/// Puts an axis for the quantiles before a grid of kept elements.
[[nodiscard]] ChunkGrid with_quantile_axis(const ChunkGrid& kept, std::int64_t count);

/// Finds quantiles of rows that are held whole, as many as a tile has.
[[nodiscard]] expr::NodePtr gathered_quantiles(const expr::NodePtr& input, const QuantileRequest& request);

/// Returns what finds the same as `gathered_quantiles` by streaming the rows a few times, whatever their
/// chunks (`FoldedAxes::row_grid`) are, with memory for about a sixteenth of them per quantile. Null for rows
/// of more than INT32_MAX elements.
[[nodiscard]] std::shared_ptr<const expr::BoxOperator> column_quantiles(const RowQuantiles& of,
                                                                        const ChunkGrid& row_chunks);

/// Finds quantiles of rows too large to be gathered, by passes over the input: each fixes some more bits of
/// the keys of the wanted elements, by counting how many elements share the bits known so far. Exact,
/// whatever the values.
[[nodiscard]] expr::NodePtr refined_quantiles(const expr::NodePtr& input, const QuantileRequest& request);

}  // namespace varve::ops
