#include "property/rounding_error.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace varve::test {
namespace {

using dense::Dense;
using dense::Number;
using dense::Real;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Twice the relative error of one rounding, because engine and oracle round once each.
double unit_of(DType dtype) {
  if (!is_floating(dtype) && !is_complex(dtype)) return 0;
  if (dtype == DType::float16) return 0x1p-10;
  return real_of(dtype) == DType::float32 ? 0x1p-23 : 0x1p-52;
}

// Below this, inexact values stay far from overflow, where a last bit decides between a number and infinity.
double safe_bound(DType dtype) {
  if (dtype == DType::float16) return 1e4;
  return real_of(dtype) == DType::float32 ? 1e30 : 1e200;
}

double bound_of(const Dense& x) {
  double bound = 0;
  for (const Number& value : x.values) {
    const auto magnitude = static_cast<double>(std::abs(value));
    if (std::isfinite(magnitude)) bound = std::max(bound, magnitude);
  }
  return bound;
}

bool has_infinity(const Dense& x) {
  return std::any_of(x.values.begin(), x.values.end(), [](const Number& value) {
    return std::isinf(value.real()) || std::isinf(value.imag());
  });
}

int lowest_bit(Real value) {
  int exponent = 0;
  const Real fraction = std::frexp(std::fabs(value), &exponent);
  auto bits = static_cast<std::uint64_t>(std::ldexp(fraction, 64));
  int zeros = 0;
  for (; (bits & 1) == 0; bits >>= 1) ++zeros;
  return exponent - 64 + zeros;
}

// Whether float64 adds `count` such values without rounding, in any order.
bool adds_exactly(const Dense& x, std::int64_t count) {
  int lowest = 1 << 20;
  for (const Number& value : x.values) {
    for (const Real part : {value.real(), value.imag()}) {
      if (part != 0 && std::isfinite(part)) lowest = std::min(lowest, lowest_bit(part));
    }
  }
  return static_cast<double>(count) * bound_of(x) < std::ldexp(1.0, std::min(lowest + 53, 1000));
}

}  // namespace

std::optional<double> unary_error(std::string_view name, const Dense& x, double x_error,
                                  const Dense& result) {
  const bool complex = is_complex(x.dtype);
  const double bound = bound_of(x);
  if ((complex || x_error > 0) && std::max(bound, bound_of(result)) > safe_bound(x.dtype))
    return std::nullopt;
  const double rounding = complex || x_error > 0 ? 4 * unit_of(x.dtype) * bound_of(result) : 0;
  if (is_one_of(name, {"negative", "positive", "conj", "real"})) return x_error;
  if (name == "abs") return complex ? x_error + rounding : x_error;
  if (name == "square") return (2 * bound + x_error) * x_error + rounding;
  if (is_one_of(name, {"isnan", "isfinite"})) return 0;
  return x_error > 0 ? std::nullopt : std::optional(complex && name == "sign" ? 8 * unit_of(x.dtype) : 0.0);
}

std::optional<double> binary_error(std::string_view name, const Dense& x, double x_error, const Dense& y,
                                   double y_error, const Dense& result) {
  const double error = x_error + y_error;
  const bool complex = is_complex(result.dtype);
  const double product = bound_of(x) * bound_of(y);
  const bool inexact = error > 0 || complex;
  if (inexact && (has_infinity(x) || has_infinity(y) || has_infinity(result))) return std::nullopt;
  if (inexact && std::max(product, bound_of(result)) > safe_bound(result.dtype)) return std::nullopt;
  if (is_one_of(name, {"maximum", "minimum", "fmax", "fmin"})) return std::max(x_error, y_error);
  if (is_one_of(name, {"add", "subtract"})) {
    return error > 0 ? error + unit_of(result.dtype) * (bound_of(result) + error) : 0;
  }
  if (name == "multiply") {
    const double carried = bound_of(x) * y_error + bound_of(y) * x_error + x_error * y_error;
    return inexact ? carried + 4 * unit_of(result.dtype) * (product + carried) : 0;
  }
  if (error > 0 || (complex && name == "divide")) return std::nullopt;
  return 0;
}

double cast_error(const Dense& x, double x_error, const Dense& result) {
  return x_error > 0 ? x_error + unit_of(result.dtype) * (bound_of(x) + x_error) : 0;
}

std::optional<double> reduction_error(std::string_view name, const Dense& x, double x_error,
                                      std::int64_t folded, const Dense& result) {
  if (is_one_of(name, {"min", "max", "nanmin", "nanmax"})) return x_error;
  if (name == "nancount") return 0;
  if (is_one_of(name, {"any", "all", "count_nonzero"}))
    return x_error > 0 ? std::nullopt : std::optional(0.0);
  const bool integers = is_integer(result.dtype);
  if (integers) return 0;
  if (x_error > 0 && (has_infinity(x) || bound_of(x) > safe_bound(x.dtype))) return std::nullopt;
  const auto count = static_cast<double>(folded);
  const double bound = bound_of(x) + x_error;
  const double rounding = unit_of(result.dtype) * (bound_of(result) + x_error * count);
  if (is_one_of(name, {"sum", "nansum"})) {
    if (x_error == 0 && adds_exactly(x, folded)) return 0;
    return count * (x_error + count * 0x1p-52 * bound) + rounding;
  }
  if (is_one_of(name, {"mean", "nanmean"})) return x_error + count * 0x1p-52 * bound + rounding;
  if (bound > std::sqrt(safe_bound(x.dtype))) return std::nullopt;
  return 8 * (bound * x_error + (count + 4) * 0x1p-52 * bound * bound) + rounding;
}

std::optional<double> median_error(const Dense& x, double x_error, const Dense& result) {
  if (x_error > 0 && has_infinity(x)) return std::nullopt;
  return x_error + unit_of(result.dtype) * (bound_of(x) + x_error);
}

std::optional<double> product_error(const Dense& x, double x_error, const Dense& y, double y_error,
                                    std::int64_t terms, const Dense& result) {
  if (is_integer(result.dtype)) return x_error + y_error > 0 ? std::nullopt : std::optional(0.0);
  if (has_infinity(x) || has_infinity(y)) return std::nullopt;
  const auto count = static_cast<double>(terms);
  const double largest = (bound_of(x) + x_error) * (bound_of(y) + y_error);
  if (count * largest > safe_bound(result.dtype)) return std::nullopt;
  const double carried = bound_of(x) * y_error + bound_of(y) * x_error + x_error * y_error;
  // The accumulators of float64 have its own precision; all others have more.
  const double unit = result.dtype == DType::float16 ? 0x1p-23 : 0x1p-52;
  return count * (carried + count * 4 * unit * largest) +
         4 * unit_of(result.dtype) * (bound_of(result) + count * carried);
}

}  // namespace varve::test
