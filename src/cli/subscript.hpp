#pragma once

#include <vector>

#include "cli/value.hpp"

namespace varve::cli {

/// Evaluates `object[items]`: NumPy's basic indexing and integer lists for arrays, one integer for tuples and
/// lists. Errors: IndexError, ExpressionError.
[[nodiscard]] Value select(const Value& object, std::vector<Value> items);

}  // namespace varve::cli
