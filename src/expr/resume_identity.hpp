#pragma once

#include "expr/node.hpp"

namespace varve::expr {

/// Returns a hash of an expression that means the same in every run of a program: arrays in memory count by
/// their bytes, not by their address, and chunks count, because bits follow from them. Reads all memory below
/// the node once. Errors: Error if the values come from a function that nobody gave an identity.
[[nodiscard]] std::uint64_t resume_identity(const NodePtr& node);

}  // namespace varve::expr
