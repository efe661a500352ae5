#include "cli/constant_arithmetic.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "cli/remedies.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

__extension__ typedef __int128 Wide;  // holds every sum of 64-bit integers, signed or not
using Complex = std::complex<double>;

[[noreturn]] void overflow() {
  throw ExpressionError("the integer result does not fit in 64 bits; write one operand as a float");
}
[[noreturn]] void division_by_zero() { throw ExpressionError("division by zero"); }
[[noreturn]] void not_for(std::string_view symbol, const char* kind) {
  throw ExpressionError("the operator " + std::string(symbol) + " does not take " + kind +
                        remedy_for_operator(symbol));
}

Scalar from_wide(Wide value) {
  if (value >= std::numeric_limits<std::int64_t>::min() &&
      value <= std::numeric_limits<std::int64_t>::max()) {
    return Scalar(static_cast<std::int64_t>(value));
  }
  if (value > 0 && value <= static_cast<Wide>(std::numeric_limits<std::uint64_t>::max())) {
    return Scalar(static_cast<std::uint64_t>(value));
  }
  overflow();
}

Wide multiply(Wide left, Wide right) {
  Wide product = 0;
  if (__builtin_mul_overflow(left, right, &product)) overflow();
  return product;
}

Wide floor_divide(Wide left, Wide right) {
  if (right == 0) division_by_zero();
  const Wide quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

Wide power(Wide base, Wide exponent) {
  Wide result = 1;
  while (exponent > 0) {
    if (exponent % 2 == 1) result = multiply(result, base);
    exponent /= 2;
    if (exponent > 0) base = multiply(base, base);
  }
  return result;
}

Wide shift(std::string_view symbol, Wide value, Wide count) {
  if (count < 0) throw ExpressionError("negative shift count");
  if (symbol == "<<") return value == 0 ? 0 : multiply(value, count > 64 ? (overflow(), 0) : power(2, count));
  return count > 100 ? (value < 0 ? -1 : 0) : floor_divide(value, power(2, count));
}

template <class T>
std::optional<Scalar> compare(std::string_view symbol, T left, T right) {
  if (symbol == "==") return Scalar(left == right);
  if (symbol == "!=") return Scalar(left != right);
  if (symbol == "<") return Scalar(left < right);
  if (symbol == "<=") return Scalar(left <= right);
  if (symbol == ">") return Scalar(left > right);
  if (symbol == ">=") return Scalar(left >= right);
  return std::nullopt;
}

Scalar fold_reals(std::string_view symbol, double left, double right);

Scalar fold_integers(std::string_view symbol, Wide left, Wide right) {
  if (const auto result = compare(symbol, left, right)) return *result;
  if (symbol == "+") return from_wide(left + right);
  if (symbol == "-") return from_wide(left - right);
  if (symbol == "*") return from_wide(multiply(left, right));
  if (symbol == "//") return from_wide(floor_divide(left, right));
  if (symbol == "%") return from_wide(left - right * floor_divide(left, right));
  if (symbol == "**" && right >= 0) return from_wide(power(left, right));
  if (symbol == "<<" || symbol == ">>") return from_wide(shift(symbol, left, right));
  if (symbol == "&") return from_wide(left & right);
  if (symbol == "|") return from_wide(left | right);
  if (symbol == "^") return from_wide(left ^ right);
  return fold_reals(symbol, static_cast<double>(left), static_cast<double>(right));
}

struct Division {
  double quotient;
  double remainder;
};

// Floors the quotient; the remainder has the sign of the divisor, and quotient * right + remainder is left.
Division floor_divide(double left, double right) {
  if (right == 0) division_by_zero();
  double remainder = std::fmod(left, right);
  if (remainder != 0 && (remainder < 0) != (right < 0)) remainder += right;
  if (remainder == 0) remainder = std::copysign(0.0, right);
  const double exact = (left - remainder) / right;
  double quotient = std::floor(exact);
  if (exact - quotient > 0.5) quotient += 1;
  return {quotient, remainder};
}

Scalar power(double base, double exponent) {
  if (base == 0 && exponent < 0) division_by_zero();
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent) && exponent != std::floor(exponent)) {
    return Scalar(std::pow(Complex(base), exponent));
  }
  return Scalar(std::pow(base, exponent));
}

Scalar fold_reals(std::string_view symbol, double left, double right) {
  if (const auto result = compare(symbol, left, right)) return *result;
  if (symbol == "+") return Scalar(left + right);
  if (symbol == "-") return Scalar(left - right);
  if (symbol == "*") return Scalar(left * right);
  if (symbol == "/") return right == 0 ? (division_by_zero(), Scalar(0.0)) : Scalar(left / right);
  if (symbol == "//") return Scalar(floor_divide(left, right).quotient);
  if (symbol == "%") return Scalar(floor_divide(left, right).remainder);
  if (symbol == "**") return power(left, right);
  not_for(symbol, "floats");
}

Scalar fold_complex(std::string_view symbol, Complex left, Complex right) {
  if (symbol == "==") return Scalar(left == right);
  if (symbol == "!=") return Scalar(left != right);
  if (symbol == "+") return Scalar(left + right);
  if (symbol == "-") return Scalar(left - right);
  if (symbol == "*") return Scalar(left * right);
  if (symbol == "/") return right == 0.0 ? (division_by_zero(), Scalar(0.0)) : Scalar(left / right);
  if (symbol == "**") return right == 0.0 ? Scalar(Complex(1.0)) : Scalar(std::pow(left, right));
  not_for(symbol, "complex numbers");
}

bool is_bool(const Scalar& scalar) { return std::holds_alternative<bool>(scalar.value()); }
bool is_complex(const Scalar& scalar) { return std::holds_alternative<Complex>(scalar.value()); }
bool is_real(const Scalar& scalar) { return std::holds_alternative<double>(scalar.value()); }

template <class T>
T as(const Scalar& scalar) {
  return std::visit(
      [](auto value) -> T {
        if constexpr (std::is_same_v<decltype(value), Complex> && !std::is_same_v<T, Complex>) {
          return static_cast<T>(value.real());
        } else if constexpr (std::is_same_v<T, Complex> && !std::is_same_v<decltype(value), Complex>) {
          return T(static_cast<double>(value));
        } else {
          return static_cast<T>(value);
        }
      },
      scalar.value());
}

}  // namespace

Scalar fold_binary(std::string_view symbol, const Scalar& left, const Scalar& right) {
  if (is_complex(left) || is_complex(right))
    return fold_complex(symbol, as<Complex>(left), as<Complex>(right));
  if (is_real(left) || is_real(right)) return fold_reals(symbol, as<double>(left), as<double>(right));
  const Scalar result = fold_integers(symbol, as<Wide>(left), as<Wide>(right));
  const bool logic = symbol == "&" || symbol == "|" || symbol == "^";
  return logic && is_bool(left) && is_bool(right) ? Scalar(as<Wide>(result) != 0) : result;
}

Scalar fold_prefix(std::string_view symbol, const Scalar& operand) {
  if (symbol == "~") {
    if (is_complex(operand) || is_real(operand)) not_for(symbol, "floats and complex numbers");
    return from_wide(-as<Wide>(operand) - 1);
  }
  if (is_complex(operand)) return symbol == "-" ? Scalar(-as<Complex>(operand)) : operand;
  if (is_real(operand)) return symbol == "-" ? Scalar(-as<double>(operand)) : operand;
  return from_wide(symbol == "-" ? -as<Wide>(operand) : as<Wide>(operand));
}

}  // namespace varve::cli
