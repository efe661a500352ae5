#pragma once

#include "expr/node.hpp"

namespace varve::ops {

/// Returns a matrix of complex128 as one of float64 with twice the extents: a number a + bi becomes the
/// square (a, -b; b, a), so that sums and products of matrices are those of the complex ones. What is done
/// column by column to one is done to the other.
[[nodiscard]] expr::NodePtr embedded(const expr::NodePtr& a);

/// Returns the complex numbers whose real and imaginary parts lie in neighbouring rows of a matrix of
/// float64; of every second column, if `column_step` is 2: what is embedded, if the matrix is an embedding.
[[nodiscard]] expr::NodePtr unembedded(const expr::NodePtr& a, std::int64_t column_step);

}  // namespace varve::ops
