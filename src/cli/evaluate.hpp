#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/catalogue/value.hpp"

namespace varve::cli {

/// Maps the names of the inputs to their arrays.
using Names = std::map<std::string, Array, std::less<>>;

/// Parses and evaluates the text of an expression: arithmetic on plain numbers is folded as Python does it,
/// everything with an array becomes a lazy array. Inputs hide constants and dtypes of the same name. Errors:
/// ExpressionError, with the text and a caret line, also for the shape, dtype, index and argument errors of
/// the library; those of `compute` for arrays that select, which are computed here.
[[nodiscard]] catalogue::Value evaluate(std::string_view text, const Names& inputs);

}  // namespace varve::cli
