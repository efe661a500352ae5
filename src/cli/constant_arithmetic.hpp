#pragma once

#include <string_view>

#include "varve/core/scalar.hpp"

namespace varve::cli {

/// Computes `left op right` for plain numbers as Python does: integers stay exact, `/` divides truly, `//`
/// and `%` floor. Errors: ExpressionError if an integer leaves 64 bits, for division by zero, or if the
/// operator does not take the kind.
[[nodiscard]] Scalar fold_binary(std::string_view symbol, const Scalar& left, const Scalar& right);

/// Computes `-x`, `+x`, `~x` for a plain number.
[[nodiscard]] Scalar fold_prefix(std::string_view symbol, const Scalar& operand);

}  // namespace varve::cli
