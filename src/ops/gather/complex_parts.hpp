#pragma once

#include "expr/node.hpp"

namespace varve::ops {

/// Joins two arrays of one shape, both float32 or both float64, to complex numbers.
/// Memory: none; both are read straight into their places.
[[nodiscard]] expr::NodePtr complex_of(const expr::NodePtr& re, const expr::NodePtr& im);

}  // namespace varve::ops
