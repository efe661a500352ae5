#pragma once

#include "expr/node.hpp"

namespace varve::expr {

/// Tells whether two expressions are made alike, node for node, and so give equal bits. The hash of an
/// expression only finds what may be equal: two expressions of one hash need not be. What a node holds is
/// compared itself, operators and generators by kind and parameters, but memory by its address, and functions
/// of the program's own by their identity. Looks at each pair of nodes once, without recursion: expressions
/// may be deep and share parts.
[[nodiscard]] bool are_equal(const Node& left, const Node& right);

}  // namespace varve::expr
