#pragma once

#include <cstdint>
#include <string>

#include "varve/core/dtype.hpp"

namespace varve::cli {

/// Formats with the fewest digits that give the same number of that floating dtype back, in Python's
/// spelling: "0.1", "3.0", "1e-05", "nan", "-inf".
[[nodiscard]] std::string shortest(double value, DType precision);

/// Formats a finite number without exponent: integers exactly, others with the shortest digits, rounded to at
/// most `digits` after the point, without zeros at the end: "0.1", "3.".
[[nodiscard]] std::string positional(double value, DType precision, std::int64_t digits);

/// Formats a finite number with exponent in the same way: "1.5e+08", "1.e-05".
[[nodiscard]] std::string scientific(double value, DType precision, std::int64_t digits);

/// Formats a finite number with exponent and exactly that many digits after the point.
[[nodiscard]] std::string scientific_padded(double value, std::int64_t digits);

}  // namespace varve::cli
