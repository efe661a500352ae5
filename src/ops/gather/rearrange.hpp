#pragma once

#include "expr/node.hpp"
#include "ops/gather/extension.hpp"

namespace varve::ops {

// Builders of nodes that hold the elements of their input in other places. They trust their arguments.

/// Adds elements before and after each axis, none negative. Boundaries other than constant need elements on
/// every axis that grows. Natural chunks: those of the input, where it lies.
[[nodiscard]] expr::NodePtr pad(const expr::NodePtr& input, const Index& before, const Index& after,
                                Boundary boundary, const ElementBytes& constant);

/// Moves elements by `shift` places along each axis, 0 <= shift < max(extent, 1); those pushed over the end
/// come in at the front.
[[nodiscard]] expr::NodePtr roll(const expr::NodePtr& input, const Index& shift);

/// Gives the elements, in C order, another shape of as many elements. Natural chunks: as many elements as a
/// row of the input's chunks, along the trailing axes first.
[[nodiscard]] expr::NodePtr reshape(const expr::NodePtr& input, const Shape& shape);

}  // namespace varve::ops
