#include "support/dense_elementwise.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace varve::dense {
namespace {

constexpr Real kPi = 3.14159265358979323846264338327950288L;

// What becomes of the promoted dtype: computed in (floating: integers as float64), and given.
enum class Rule { same, floating, test, real_part };

// Takes the dtype of the computation and the operands, already of that dtype (`where`: the condition is
// bool).
using ElementFunction = Number (*)(DType dtype, const Number* x);

struct Row {
  std::string_view name;
  int arity;
  Rule rule;
  TestedOn tested;  // nothing: it has tests of its own
  ElementFunction function;
};

bool is_exact_integer(DType dtype) { return is_integer(dtype) || dtype == DType::boolean; }
Wide integer(const Number& value) { return static_cast<Wide>(value.real()); }

template <class T>
T product(T a, T b) {
  return a * b;
}
// The largest of uint64 squared has 128 bits: the sign is lost, the bits that a dtype keeps are not.
Wide product(Wide a, Wide b) {
  __extension__ using Bits = unsigned __int128;
  return static_cast<Wide>(static_cast<Bits>(a) * static_cast<Bits>(b));
}

// Computes in the arithmetic of the dtype itself: integers exactly and then wrapped, floats rounded once per
// operation.
template <class Function>
Number native(DType dtype, const Number& a, const Number& b, Function function) {
  if (is_exact_integer(dtype)) return wrapped(dtype, function(integer(a), integer(b)));
  if (is_complex(dtype)) return rounded(dtype, function(a, b));
  if (dtype == DType::float64) {
    return static_cast<Real>(function(static_cast<double>(a.real()), static_cast<double>(b.real())));
  }
  return rounded(dtype,
                 static_cast<Real>(function(static_cast<float>(a.real()), static_cast<float>(b.real()))));
}

// Computes with 64 significant bits and rounds: the reference for functions that are not exact anyway.
template <class Function>
Number wide(DType dtype, const Number& a, Function function) {
  if (is_complex(dtype)) return rounded(dtype, function(a));
  return rounded(dtype, function(a.real()));
}

template <class Function>
Number wide_real(DType dtype, const Number* x, Function function) {
  return rounded(dtype, function(x[0].real(), x[1].real()));
}

Wide floor_divided(Wide a, Wide b) {
  if (b == 0) return 0;
  const Wide quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

// Python's divmod on floats: the remainder takes the sign of the divisor, the quotient is the integer nearest
// to (a - remainder) / b.
template <class T>
T python_remainder(T a, T b) {
  const T rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(T{0}, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

template <class T>
T python_floor_divide(T a, T b) {
  if (b == 0) return a / b;
  T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T{0}, a / b);
  const T whole = std::floor(quotient);
  return quotient - whole > T(0.5) ? whole + 1 : whole;
}

template <class T>
T integer_power(T base, T exponent, DType dtype) {
  T result = 1;
  for (T i = 0; i < exponent; ++i) result = integer(wrapped(dtype, result * base));
  return result;
}

Number sign(DType dtype, const Number* x) {
  if (is_complex(dtype)) return truth(x[0]) ? rounded(dtype, x[0] / std::abs(x[0])) : Number{};
  const Real value = x[0].real();
  if (std::isnan(value)) return value;
  return static_cast<Real>((value > 0) - (value < 0));
}

Number log_add_exp(DType dtype, const Number* x) {
  const Real most = std::fmax(x[0].real(), x[1].real());
  const Real least = std::fmin(x[0].real(), x[1].real());
  if (is_nan(x[0]) || is_nan(x[1])) return std::numeric_limits<Real>::quiet_NaN();
  if (most == least) return rounded(dtype, most + std::log(Real{2}));
  return rounded(dtype, most + std::log1p(std::exp(least - most)));
}

Number extreme(const Number* x, bool largest_wanted, bool skip_nan) {
  if (is_nan(x[0])) return skip_nan ? x[1] : x[0];
  if (is_nan(x[1])) return skip_nan ? x[0] : x[1];
  const bool first = largest_wanted ? x[0].real() >= x[1].real() : x[0].real() <= x[1].real();
  return first ? x[0] : x[1];
}

Number finite_part(Real value, const Number* x) {
  if (std::isnan(value)) return x[1].real();
  if (std::isinf(value)) return value > 0 ? x[2].real() : x[3].real();
  return value;
}

Number flag(bool value) { return value ? 1 : 0; }
int shift(const Number& value) { return static_cast<int>(value.real()); }

#define VARVE_WIDE(expression) \
  [](DType t, const Number* x) { return wide(t, x[0], [](auto v) -> decltype(v) { return expression; }); }
#define VARVE_WIDE_REAL(expression)                         \
  [](DType t, const Number* x) {                            \
    return wide(t, x[0].real(), [](auto w) -> decltype(w) { \
      const Real v = std::real(w);                          \
      return expression;                                    \
    });                                                     \
  }
#define VARVE_BINARY_REAL(expression) \
  [](DType t, const Number* x) { return wide_real(t, x, [](Real a, Real b) -> Real { return expression; }); }
#define VARVE_NATIVE(expression)                                                            \
  [](DType t, const Number* x) {                                                            \
    return native(t, x[0], x[1], [](auto a, auto b) -> decltype(a) { return expression; }); \
  }
#define VARVE_BITS(expression)                       \
  [](DType t, const Number* x) {                     \
    const Wide a = integer(x[0]), b = integer(x[1]); \
    return wrapped(t, expression);                   \
  }
#define VARVE_TEST(expression) [](DType, const Number* x) { return flag(expression); }

// Domains. Adversarial where the reference has an answer for NaN, infinities and extremes.
const test::Domain kAny{.low = -100, .high = 100, .specials = true};
const test::Domain kSmall{.low = -3, .high = 3};
const test::Domain kUnit{.low = -1, .high = 1, .specials = true};
const test::Domain kAboveOne{.low = 1, .high = 50, .specials = true};
const test::Domain kExponent{.low = 0, .high = 5};
const test::Domain kShift{.low = 0, .high = 7};
const test::Domain kDivisor{.low = -9, .high = 9, .specials = true};
const test::Domain kModerate{.low = -30, .high = 30, .specials = true};
// One unit for results that are nearly correctly rounded, four for the rest of the vector mathematics.
constexpr double kExact = 0;
constexpr double kClose = 1;
constexpr double kMath = 4;

const Row kRows[] = {
    {"abs", 1, Rule::real_part, {"biufc", {kAny}, kExact, 2},
     [](DType t, const Number* x) -> Number {
       if (is_exact_integer(t)) return wrapped(t, integer(x[0]) < 0 ? -integer(x[0]) : integer(x[0]));
       return is_complex(t) ? rounded(real_of(t), std::abs(x[0])) : Number(std::fabs(x[0].real()));
     }},
    {"positive", 1, Rule::same, {"iufc", {kAny}, kExact, 0}, [](DType, const Number* x) { return x[0]; }},
    {"negative", 1, Rule::same, {"iufc", {kAny}, kExact, 0},
     [](DType t, const Number* x) { return is_exact_integer(t) ? wrapped(t, -integer(x[0])) : -x[0]; }},
    {"sign", 1, Rule::same, {"iufc", {kAny}, kExact}, sign},
    {"square", 1, Rule::same, {"iufc", {kAny}, kExact},
     [](DType t, const Number* x) {
       return native(t, x[0], x[0], [](auto a, auto b) -> decltype(a) { return product(a, b); });
     }},
    {"reciprocal", 1, Rule::floating, {"biufc", {kAny}, kExact},
     [](DType t, const Number* x) {
       return native(t, 1, x[0], [](auto a, auto b) -> decltype(a) { return a / b; });
     }},
    {"conj", 1, Rule::same, {"biufc", {kAny}, kExact, 0},
     [](DType t, const Number* x) { return is_complex(t) ? std::conj(x[0]) : x[0]; }},
    {"real", 1, Rule::real_part, {"biufc", {kAny}, kExact, 0},
     [](DType, const Number* x) { return Number(x[0].real()); }},
    {"imag", 1, Rule::real_part, {"biufc", {kAny}, kExact, 0},
     [](DType, const Number* x) { return Number(x[0].imag()); }},
    {"floor", 1, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return Number(std::floor(x[0].real())); }},
    {"ceil", 1, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return Number(std::ceil(x[0].real())); }},
    {"trunc", 1, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return Number(std::trunc(x[0].real())); }},
    {"round", 1, Rule::same, {"biufc", {kAny}, kExact, 0},
     [](DType, const Number* x) { return Number(std::nearbyint(x[0].real()), std::nearbyint(x[0].imag())); }},
    {"sqrt", 1, Rule::floating, {"biufc", {kAny}, kExact}, VARVE_WIDE(std::sqrt(v))},
    {"cbrt", 1, Rule::floating, {"biuf", {kAny}, kMath}, VARVE_WIDE_REAL(std::cbrt(v))},
    {"exp", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::exp(v))},
    {"exp2", 1, Rule::floating, {"biufc", {kModerate}, kMath, 64},
     [](DType t, const Number* x) {
       return is_complex(t) ? rounded(t, std::exp(x[0] * std::log(Real{2})))
           : rounded(t, std::exp2(x[0].real()));
     }},
    {"expm1", 1, Rule::floating, {"biufc", {kModerate}, kMath},
     [](DType t, const Number* x) {
       return is_complex(t) ? rounded(t, std::exp(x[0]) - Real{1}) : rounded(t, std::expm1(x[0].real()));
     }},
    {"log", 1, Rule::floating, {"biufc", {kAny}, kMath}, VARVE_WIDE(std::log(v))},
    {"log1p", 1, Rule::floating, {"biufc", {kAny}, kMath},
     [](DType t, const Number* x) {
       return is_complex(t) ? rounded(t, std::log(x[0] + Real{1})) : rounded(t, std::log1p(x[0].real()));
     }},
    {"log2", 1, Rule::floating, {"biufc", {kAny}, kMath},
     [](DType t, const Number* x) {
       return is_complex(t) ? rounded(t, std::log(x[0]) / std::log(Real{2}))
           : rounded(t, std::log2(x[0].real()));
     }},
    {"log10", 1, Rule::floating, {"biufc", {kAny}, kMath}, VARVE_WIDE(std::log10(v))},
    {"sin", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::sin(v))},
    {"cos", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::cos(v))},
    {"tan", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::tan(v))},
    {"asin", 1, Rule::floating, {"biufc", {kUnit}, kMath}, VARVE_WIDE(std::asin(v))},
    {"acos", 1, Rule::floating, {"biufc", {kUnit}, kMath}, VARVE_WIDE(std::acos(v))},
    {"atan", 1, Rule::floating, {"biufc", {kAny}, kMath}, VARVE_WIDE(std::atan(v))},
    {"sinh", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::sinh(v))},
    {"cosh", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::cosh(v))},
    {"tanh", 1, Rule::floating, {"biufc", {kModerate}, kMath}, VARVE_WIDE(std::tanh(v))},
    {"asinh", 1, Rule::floating, {"biufc", {kAny}, kMath}, VARVE_WIDE(std::asinh(v))},
    {"acosh", 1, Rule::floating, {"biufc", {kAboveOne}, kMath}, VARVE_WIDE(std::acosh(v))},
    {"atanh", 1, Rule::floating, {"biufc", {kUnit}, kMath}, VARVE_WIDE(std::atanh(v))},
    {"deg2rad", 1, Rule::floating, {"biuf", {kAny}, kClose}, VARVE_WIDE_REAL(v * (kPi / 180))},
    {"rad2deg", 1, Rule::floating, {"biuf", {kAny}, kClose}, VARVE_WIDE_REAL(v * (180 / kPi))},
    {"add", 2, Rule::same, {"biufc", {kAny}, kExact, 0}, VARVE_NATIVE(a + b)},
    {"subtract", 2, Rule::same, {"iufc", {kAny}, kExact, 0}, VARVE_NATIVE(a - b)},
    {"multiply", 2, Rule::same, {"biufc", {kAny}, kExact}, VARVE_NATIVE(product(a, b))},
    {"divide", 2, Rule::floating, {"biufc", {kAny, kDivisor}, kExact}, VARVE_NATIVE(a / b)},
    {"floor_divide", 2, Rule::same, {"iuf", {kAny, kDivisor}, kExact},
     [](DType t, const Number* x) -> Number {
       if (is_exact_integer(t)) return wrapped(t, floor_divided(integer(x[0]), integer(x[1])));
       if (t == DType::float64) {
         return static_cast<Real>(
             python_floor_divide(static_cast<double>(x[0].real()), static_cast<double>(x[1].real())));
       }
       return rounded(t, static_cast<Real>(python_floor_divide(static_cast<float>(x[0].real()),
                                                               static_cast<float>(x[1].real()))));
     }},
    {"remainder", 2, Rule::same, {"iuf", {kAny, kDivisor}, kExact},
     [](DType t, const Number* x) -> Number {
       const Wide b = integer(is_exact_integer(t) ? x[1] : Number{});
       if (is_exact_integer(t)) {
         return wrapped(t, b == 0 ? 0 : integer(x[0]) - b * floor_divided(integer(x[0]), b));
       }
       if (t == DType::float64) {
         return static_cast<Real>(
             python_remainder(static_cast<double>(x[0].real()), static_cast<double>(x[1].real())));
       }
       return rounded(t, static_cast<Real>(python_remainder(static_cast<float>(x[0].real()),
                                                            static_cast<float>(x[1].real()))));
     }},
    {"fmod", 2, Rule::same, {"iuf", {kAny, kDivisor}, kExact},
     [](DType t, const Number* x) -> Number {
       if (!is_exact_integer(t)) return rounded(t, std::fmod(x[0].real(), x[1].real()));
       return wrapped(t, integer(x[1]) == 0 ? 0 : integer(x[0]) % integer(x[1]));
     }},
    {"pow", 2, Rule::same, {"iufc", {kSmall, kExponent}, kMath, 32},
     [](DType t, const Number* x) -> Number {
       if (is_exact_integer(t)) return wrapped(t, integer_power(integer(x[0]), integer(x[1]), t));
       return is_complex(t) ? rounded(t, std::pow(x[0], x[1]))
           : rounded(t, std::pow(x[0].real(), x[1].real()));
     }},
    {"atan2", 2, Rule::floating, {"biuf", {kAny}, kMath}, VARVE_BINARY_REAL(std::atan2(a, b))},
    {"hypot", 2, Rule::floating, {"biuf", {kAny}, kMath}, VARVE_BINARY_REAL(std::hypot(a, b))},
    {"copysign", 2, Rule::floating, {"biuf", {kAny}, kExact}, VARVE_BINARY_REAL(std::copysign(a, b))},
    {"logaddexp", 2, Rule::floating, {"biuf", {kModerate}, kMath}, log_add_exp},
    {"maximum", 2, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return extreme(x, true, false); }},
    {"minimum", 2, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return extreme(x, false, false); }},
    {"fmax", 2, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return extreme(x, true, true); }},
    {"fmin", 2, Rule::same, {"biuf", {kAny}, kExact},
     [](DType, const Number* x) { return extreme(x, false, true); }},
    {"bitwise_and", 2, Rule::same, {"biu", {kAny}, kExact}, VARVE_BITS(a & b)},
    {"bitwise_or", 2, Rule::same, {"biu", {kAny}, kExact}, VARVE_BITS(a | b)},
    {"bitwise_xor", 2, Rule::same, {"biu", {kAny}, kExact}, VARVE_BITS(a ^ b)},
    {"bitwise_invert", 1, Rule::same, {"biu", {kAny}, kExact},
     [](DType t, const Number* x) {
       return t == DType::boolean ? flag(!truth(x[0])) : wrapped(t, ~integer(x[0]));
     }},
    {"bitwise_left_shift", 2, Rule::same, {"iu", {kAny, kShift}, kExact},
     [](DType t, const Number* x) { return wrapped(t, integer(x[0]) * (Wide{1} << shift(x[1]))); }},
    {"bitwise_right_shift", 2, Rule::same, {"iu", {kAny, kShift}, kExact},
     [](DType t, const Number* x) { return wrapped(t, integer(x[0]) >> shift(x[1])); }},
    {"logical_and", 2, Rule::test, {"biufc", {kAny}, kExact}, VARVE_TEST(truth(x[0]) && truth(x[1]))},
    {"logical_or", 2, Rule::test, {"biufc", {kAny}, kExact}, VARVE_TEST(truth(x[0]) || truth(x[1]))},
    {"logical_xor", 2, Rule::test, {"biufc", {kAny}, kExact}, VARVE_TEST(truth(x[0]) != truth(x[1]))},
    {"logical_not", 1, Rule::test, {"biufc", {kAny}, kExact}, VARVE_TEST(!truth(x[0]))},
    {"equal", 2, Rule::test, {"biufc", {kSmall}, kExact}, VARVE_TEST(x[0] == x[1])},
    {"not_equal", 2, Rule::test, {"biufc", {kSmall}, kExact}, VARVE_TEST(!(x[0] == x[1]))},
    {"less", 2, Rule::test, {"biuf", {kAny}, kExact}, VARVE_TEST(x[0].real() < x[1].real())},
    {"less_equal", 2, Rule::test, {"biuf", {kAny}, kExact}, VARVE_TEST(x[0].real() <= x[1].real())},
    {"greater", 2, Rule::test, {"biuf", {kAny}, kExact}, VARVE_TEST(x[0].real() > x[1].real())},
    {"greater_equal", 2, Rule::test, {"biuf", {kAny}, kExact}, VARVE_TEST(x[0].real() >= x[1].real())},
    {"isnan", 1, Rule::test, {"biufc", {kAny}, kExact}, VARVE_TEST(is_nan(x[0]))},
    {"isinf", 1, Rule::test, {"biufc", {kAny}, kExact},
     VARVE_TEST(std::isinf(x[0].real()) || std::isinf(x[0].imag()))},
    {"isfinite", 1, Rule::test, {"biufc", {kAny}, kExact},
     VARVE_TEST(std::isfinite(x[0].real()) && std::isfinite(x[0].imag()))},
    {"signbit", 1, Rule::test, {"biuf", {kAny}, kExact}, VARVE_TEST(std::signbit(x[0].real()))},
    {"where", 3, Rule::same, {}, [](DType, const Number* x) { return truth(x[0]) ? x[1] : x[2]; }},
    {"clip", 3, Rule::same, {},
     [](DType, const Number* x) {
       const Number raised[] = {x[0], x[1]};
       const Number limited[] = {extreme(raised, true, false), x[2]};
       return extreme(limited, false, false);
     }},
    {"isclose", 5, Rule::test, {},
     [](DType, const Number* x) {
       if (is_nan(x[0]) || is_nan(x[1])) return flag(is_nan(x[0]) && is_nan(x[1]) && truth(x[4]));
       if (x[0] == x[1]) return flag(true);
       if (!std::isfinite(std::abs(x[0])) || !std::isfinite(std::abs(x[1]))) return flag(false);
       return flag(std::abs(x[0] - x[1]) <= x[3].real() + x[2].real() * std::abs(x[1]));
     }},
    {"nan_to_num", 4, Rule::same, {},
     [](DType, const Number* x) {
       return Number(finite_part(x[0].real(), x).real(), finite_part(x[0].imag(), x).real());
     }},
};

const Row& row_of(std::string_view name) {
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == name; });
  if (row == std::end(kRows))
    throw Error("the oracle has no elementwise function '" + std::string(name) + "'");
  return *row;
}

// Bounds and replacements take the dtype of the first operand; conditions and tolerances take no part in
// promotion.
DType compute_dtype(const Row& row, const std::vector<Dense>& operands) {
  DType dtype = operands[row.name == "where" ? 1 : 0].dtype;
  if (row.arity == 2 || row.name == "isclose") dtype = promote(dtype, operands[1].dtype);
  if (row.name == "where") dtype = promote(dtype, operands[2].dtype);
  if (row.rule == Rule::floating && is_exact_integer(dtype)) return DType::float64;
  return dtype;
}

// Comparisons of integers, which numbers hold exactly, need no common dtype.
bool compares_integers(const Row& row, const std::vector<Dense>& operands) {
  constexpr std::string_view kComparisons[] = {"equal",      "not_equal", "less",
                                               "less_equal", "greater",   "greater_equal"};
  return std::find(std::begin(kComparisons), std::end(kComparisons), row.name) != std::end(kComparisons) &&
         is_integer(operands[0].dtype) && is_integer(operands[1].dtype);
}

DType result_dtype(const Row& row, DType computed) {
  if (row.rule == Rule::test) return DType::boolean;
  return row.rule == Rule::real_part ? real_of(computed) : computed;
}

}  // namespace

Dense elementwise(std::string_view name, const std::vector<Dense>& operands) {
  const Row& row = row_of(name);
  const DType computed = compute_dtype(row, operands);
  Shape shape;
  for (const Dense& operand : operands) shape = broadcast(shape, operand.shape).value();
  const bool exact = compares_integers(row, operands);
  std::vector<Dense> wide_operands;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool keep = exact || (name == "where" && i == 0) || (name == "isclose" && i >= 2);
    wide_operands.push_back(broadcast_to(keep ? operands[i] : astype(operands[i], computed), shape));
  }
  Dense out(result_dtype(row, computed), shape);
  std::vector<Number> x(operands.size());
  for (std::size_t element = 0; element < out.values.size(); ++element) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = wide_operands[i].values[element];
    out.values[element] = row.function(computed, x.data());
  }
  return out;
}

std::vector<std::string_view> elementwise_names() {
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.name);
  return names;
}

const TestedOn& elementwise_tested_on(std::string_view name) { return row_of(name).tested; }

}  // namespace varve::dense
