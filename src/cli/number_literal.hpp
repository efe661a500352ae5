#pragma once

#include <string_view>

#include "varve/core/scalar.hpp"

namespace varve::cli {

/// Reads a Python number: "12", "1_000", "0x1f", "1e-3", "2j". The spelling must follow the grammar.
/// Errors: ExpressionError if an integer does not fit 64 bits, or has leading zeros.
[[nodiscard]] Scalar read_number(std::string_view spelling);

}  // namespace varve::cli
