#pragma once

#include <vector>

#include "api/catalogue/value.hpp"

namespace varve::catalogue {

/// Evaluates `object[items]`: NumPy's basic and advanced indexing for arrays, one integer for tuples and
/// lists. Arrays among the items are computed here: a selection has a shape. Errors: IndexError,
/// ExpressionError; those of `compute`.
[[nodiscard]] Value select(const Value& object, std::vector<Value> items);

}  // namespace varve::catalogue
