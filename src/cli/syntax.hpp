#pragma once

#include <string_view>

#include "cli/expression.hpp"

namespace varve::cli {

/// Parses an expression in NumPy syntax; an unbracketed tuple is allowed.
/// Errors: ExpressionError with the text and a caret line.
[[nodiscard]] ExpressionPtr parse(std::string_view text);

/// Tells whether `word` may name an input: an identifier that Python does not reserve.
[[nodiscard]] bool is_identifier(std::string_view word) noexcept;

}  // namespace varve::cli
