#pragma once

#include "expr/node.hpp"
#include "kernels/scan.hpp"

namespace varve::ops {

/// Replaces each element along an axis by the running total up to it, itself included. The axis is cut into
/// blocks, fixed by the natural chunks: the totals of the blocks are found first, so that every block can be
/// scanned on its own. The dtype must have the scan. Natural chunks: one block along the axis, the input's
/// elsewhere.
[[nodiscard]] expr::NodePtr scan(kernels::ScanOp op, const expr::NodePtr& input, std::int64_t axis);

/// Puts a row of the identity before the first element along the axis of a scan.
[[nodiscard]] expr::NodePtr with_initial(const expr::NodePtr& scanned, std::int64_t axis,
                                         const Scalar& identity);

}  // namespace varve::ops
