#pragma once

#include "ops/folded_axes.hpp"
#include "ops/select.hpp"
#include "ops/sorted_quantiles.hpp"

namespace varve::ops {

/// Puts an axis for the quantiles before a grid of kept elements.
[[nodiscard]] ChunkGrid with_quantile_axis(const ChunkGrid& kept, std::int64_t count);

/// Returns a box of the result without the axis of the quantiles.
[[nodiscard]] Box kept_box(const Box& box);

/// Finds quantiles of rows that are held whole, as many as a tile has.
[[nodiscard]] expr::NodePtr gathered_quantiles(const expr::NodePtr& input, const QuantileRequest& request);

/// Returns what finds the same as `gathered_quantiles` by streaming the rows a few times, whatever their
/// chunks are, with memory for about a sixteenth of them per quantile. Null for rows of more than INT32_MAX
/// elements.
[[nodiscard]] std::shared_ptr<const expr::BoxOperator> column_quantiles(const expr::NodePtr& input,
                                                                        const QuantileRequest& request);

/// Finds quantiles of rows too large to be gathered, by passes over the input: each fixes some more bits of
/// the keys of the wanted elements, by counting how many elements share the bits known so far. Exact,
/// whatever the values.
[[nodiscard]] expr::NodePtr refined_quantiles(const expr::NodePtr& input, const QuantileRequest& request);

}  // namespace varve::ops
