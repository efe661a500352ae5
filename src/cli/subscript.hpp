#pragma once

#include <vector>

#include "cli/value.hpp"

namespace varve::cli {

/// Evaluates `object[items]`: NumPy's basic indexing, integer lists and masks for arrays, one integer for tuples and
/// lists. Errors: IndexError, ExpressionError.
[[nodiscard]] Value select(const Value& object, std::vector<Value> items);

}  // namespace varve::cli
