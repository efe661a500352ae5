#include "kernels/elementwise_oracle.hpp"

#include <cmath>
#include <complex>
#include <cstring>
#include <limits>

namespace varve::test {
namespace {

using kernels::ElementwiseOp;

Integer floor_quotient(Integer x, Integer y) {
  if (y == 0) return 0;
  Integer quotient = x / y;
  if (x % y != 0 && (x < 0) != (y < 0)) --quotient;
  return quotient;
}

Integer power(Integer base, Integer exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (base == -1) return exponent % 2 == 0 ? 1 : -1;
    return 0;
  }
  std::uint64_t result = 1;  // wrapping at 64 bits wraps right at fewer
  std::uint64_t factor = static_cast<std::uint64_t>(base);
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result *= factor;
    factor *= factor;
  }
  return static_cast<Integer>(result);
}

template <class T>
T float_remainder(T x, T y) {
  const T rest = std::fmod(x, y);
  if (rest == 0) return std::copysign(T(0), y);
  return (rest < 0) != (y < 0) ? rest + y : rest;
}

// The quotient that goes with the remainder (Python's and NumPy's definition).
template <class T>
T float_floor_divide(T x, T y) {
  if (y == 0) return x / y;
  const T rest = std::fmod(x, y);
  T quotient = (x - rest) / y;
  if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T(0), x / y);
  const T whole = std::floor(quotient);
  return quotient - whole > T(0.5) ? whole + 1 : whole;
}

template <class T>
T larger(T x, T y) {
  if (x != x) return x;
  if (y != y) return y;
  return x > y ? x : y;
}

template <class T>
T smaller(T x, T y) {
  if (x != x) return x;
  if (y != y) return y;
  return x < y ? x : y;
}

template <class T>
T half_even(T x) {
  const T down = std::floor(x);
  const T rest = x - down;
  if (!(rest == rest)) return x;
  if (rest < T(0.5) || (rest == T(0.5) && std::fmod(down, T(2)) == 0)) return std::copysign(down, x);
  return std::copysign(down + 1, x);
}

template <class T>
T log_add_exp(T x, T y) {
  if (x != x || y != y) return x + y;
  if (x == y) return x + std::log(T(2));
  return larger(x, y) + std::log1p(std::exp(-std::fabs(x - y)));
}

template <class T>
T special_replaced(const T* v) {
  if (std::isnan(v[0])) return v[1];
  if (std::isinf(v[0])) return v[0] > 0 ? v[2] : v[3];
  return v[0];
}

// clang-format off
#define FORMULA(expression) [](const auto* v) { (void)v; return expression; }
// The same expression serves integers and floats.
#define BOTH(expression) integer_oracle(FORMULA(expression)), floating_oracle(FORMULA(expression))
#define INTEGERS(expression) integer_oracle(FORMULA(expression)), Oracle{}
#define FLOATS(expression) Oracle{}, floating_oracle(FORMULA(expression))
#define PAIR(integer_expression, float_expression) \
  integer_oracle(FORMULA(integer_expression)), floating_oracle(FORMULA(float_expression))
#define WIDE(v) static_cast<std::uint64_t>(v)

std::vector<RealCase> make_cases() {
  using enum ElementwiseOp;
  constexpr Output kBool = Output::boolean;
  constexpr Zeros kAnyZero = Zeros::any_zero;
  return {
    {positive, "positive", 1, false, BOTH(v[0])},
    {negative, "negative", 1, false, BOTH(-v[0])},
    {abs, "abs", 1, true, PAIR(v[0] < 0 ? -v[0] : v[0], std::fabs(v[0]))},
    {sign, "sign", 1, false, PAIR((v[0] > 0) - (v[0] < 0), v[0] != v[0] ? v[0] : (v[0] > 0) - (v[0] < 0))},
    {square, "square", 1, false, PAIR(WIDE(v[0]) * WIDE(v[0]), v[0] * v[0])},
    {reciprocal, "reciprocal", 1, false, FLOATS(1 / v[0])},
    {conj, "conj", 1, false, BOTH(v[0])},
    {real, "real", 1, false, BOTH(v[0])},
    {imag, "imag", 1, false, BOTH(0)},
    {floor, "floor", 1, false, PAIR(v[0], std::floor(v[0]))},
    {ceil, "ceil", 1, false, PAIR(v[0], std::ceil(v[0]))},
    {trunc, "trunc", 1, false, PAIR(v[0], std::trunc(v[0]))},
    {round, "round", 1, false, PAIR(v[0], half_even(v[0]))},
    {sqrt, "sqrt", 1, false, FLOATS(std::sqrt(v[0]))},
    {deg2rad, "deg2rad", 1, false, FLOATS(v[0] * 0.017453292519943295769236907684886L), 1.5},
    {rad2deg, "rad2deg", 1, false, FLOATS(v[0] * 57.295779513082320876798154814105L), 1.5},
    {cbrt, "cbrt", 1, false, FLOATS(std::cbrt(v[0])), 4},
    {exp, "exp", 1, false, FLOATS(std::exp(v[0])), 4},
    {exp2, "exp2", 1, false, FLOATS(std::exp2(v[0])), 4},
    {expm1, "expm1", 1, false, FLOATS(std::expm1(v[0])), 4},
    {log, "log", 1, false, FLOATS(std::log(v[0])), 4},
    {log1p, "log1p", 1, false, FLOATS(std::log1p(v[0])), 4},
    {log2, "log2", 1, false, FLOATS(std::log2(v[0])), 4},
    {log10, "log10", 1, false, FLOATS(std::log10(v[0])), 4},
    {sin, "sin", 1, false, FLOATS(std::sin(v[0])), 4},
    {cos, "cos", 1, false, FLOATS(std::cos(v[0])), 4},
    {tan, "tan", 1, false, FLOATS(std::tan(v[0])), 4},
    {asin, "asin", 1, false, FLOATS(std::asin(v[0])), 4},
    {acos, "acos", 1, false, FLOATS(std::acos(v[0])), 4},
    {atan, "atan", 1, false, FLOATS(std::atan(v[0])), 4},
    {sinh, "sinh", 1, false, FLOATS(std::sinh(v[0])), 4},
    {cosh, "cosh", 1, false, FLOATS(std::cosh(v[0])), 4},
    {tanh, "tanh", 1, false, FLOATS(std::tanh(v[0])), 4},
    {asinh, "asinh", 1, false, FLOATS(std::asinh(v[0])), 4},
    {acosh, "acosh", 1, false, FLOATS(std::acosh(v[0])), 4},
    {atanh, "atanh", 1, false, FLOATS(std::atanh(v[0])), 4},
    {bitwise_invert, "bitwise_invert", 1, false, INTEGERS(-1 - v[0])},
    {logical_not, "logical_not", 1, true, BOTH(v[0] == 0), 0, kBool},
    {isnan, "isnan", 1, true, PAIR(false, std::isnan(v[0])), 0, kBool},
    {isinf, "isinf", 1, true, PAIR(false, std::isinf(v[0])), 0, kBool},
    {isfinite, "isfinite", 1, true, PAIR(true, std::isfinite(v[0])), 0, kBool},
    {signbit, "signbit", 1, false, FLOATS(std::signbit(v[0])), 0, kBool},

    {add, "add", 2, true, BOTH(v[0] + v[1])},
    {subtract, "subtract", 2, false, BOTH(v[0] - v[1])},
    {multiply, "multiply", 2, true, PAIR(WIDE(v[0]) * WIDE(v[1]), v[0] * v[1])},
    {divide, "divide", 2, false, FLOATS(v[0] / v[1])},
    {floor_divide, "floor_divide", 2, false,
     PAIR(floor_quotient(v[0], v[1]), float_floor_divide(v[0], v[1]))},
    {remainder, "remainder", 2, false,
     PAIR(v[1] == 0 ? 0 : v[0] - v[1] * floor_quotient(v[0], v[1]), float_remainder(v[0], v[1]))},
    {fmod, "fmod", 2, false, PAIR(v[1] == 0 ? 0 : v[0] % v[1], std::fmod(v[0], v[1]))},
    {pow, "pow", 2, false, PAIR(power(v[0], v[1]), std::pow(v[0], v[1])), 2},
    {atan2, "atan2", 2, false, FLOATS(std::atan2(v[0], v[1])), 4},
    {hypot, "hypot", 2, false, FLOATS(std::hypot(v[0], v[1])), 2},
    {copysign, "copysign", 2, false, FLOATS(std::copysign(v[0], v[1]))},
    {logaddexp, "logaddexp", 2, false, FLOATS(log_add_exp(v[0], v[1])), 4, Output::same, Zeros::signed_zeros,
     Scale::of_operands},
    {maximum, "maximum", 2, true, BOTH(larger(v[0], v[1])), 0, Output::same, kAnyZero},
    {minimum, "minimum", 2, true, BOTH(smaller(v[0], v[1])), 0, Output::same, kAnyZero},
    {fmax, "fmax", 2, true, BOTH(v[0] != v[0] ? v[1] : v[1] != v[1] ? v[0] : larger(v[0], v[1])), 0,
     Output::same, kAnyZero},
    {fmin, "fmin", 2, true, BOTH(v[0] != v[0] ? v[1] : v[1] != v[1] ? v[0] : smaller(v[0], v[1])), 0,
     Output::same, kAnyZero},
    {bitwise_and, "bitwise_and", 2, true, INTEGERS(v[0] & v[1])},
    {bitwise_or, "bitwise_or", 2, true, INTEGERS(v[0] | v[1])},
    {bitwise_xor, "bitwise_xor", 2, true, INTEGERS(v[0] ^ v[1])},
    // Wrapping to the dtype drops what a shift by up to 63 places moves out; the runner shifts by the width
    // at most.
    {bitwise_left_shift, "bitwise_left_shift", 2, false,
     INTEGERS(v[1] < 0 || v[1] > 63 ? 0 : WIDE(v[0]) << WIDE(v[1]))},
    {bitwise_right_shift, "bitwise_right_shift", 2, false,
     INTEGERS(v[0] >> (v[1] < 0 || v[1] > 64 ? Integer(64) : v[1]))},
    {logical_and, "logical_and", 2, true, BOTH(v[0] != 0 && v[1] != 0), 0, kBool},
    {logical_or, "logical_or", 2, true, BOTH(v[0] != 0 || v[1] != 0), 0, kBool},
    {logical_xor, "logical_xor", 2, true, BOTH((v[0] != 0) != (v[1] != 0)), 0, kBool},
    {equal, "equal", 2, true, BOTH(v[0] == v[1]), 0, kBool},
    {not_equal, "not_equal", 2, true, BOTH(v[0] != v[1]), 0, kBool},
    {less, "less", 2, true, BOTH(v[0] < v[1]), 0, kBool},
    {less_equal, "less_equal", 2, true, BOTH(v[0] <= v[1]), 0, kBool},
    {greater, "greater", 2, true, BOTH(v[0] > v[1]), 0, kBool},
    {greater_equal, "greater_equal", 2, true, BOTH(v[0] >= v[1]), 0, kBool},

    {clip, "clip", 3, true, BOTH(smaller(larger(v[0], v[1]), v[2])), 0, Output::same, kAnyZero},
    {nan_to_num, "nan_to_num", 4, false, FLOATS(special_replaced(v))},
  };
}
// clang-format on

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
  const std::size_t offset = bytes.size();
  bytes.resize(offset + sizeof(T));
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

template <class T>
std::vector<std::byte> integer_values() {
  std::vector<std::byte> bytes;
  const T low = std::numeric_limits<T>::min();
  const T high = std::numeric_limits<T>::max();
  for (const T edge : {low, high}) append(bytes, edge);
  append(bytes, static_cast<T>(low + 1));
  append(bytes, static_cast<T>(high - 1));
  append(bytes, static_cast<T>(high / 2 + 1));
  for (const int value : {-100, -65, -64, -33, -17, -8, -7, -3, -2, -1, 0,  1,  2,  3,  4,   5,
                          7,    8,   9,   10,  15,  16, 17, 31, 32, 33, 36, 63, 64, 65, 100, 127}) {
    append(bytes, static_cast<T>(value));
  }
  return bytes;
}

template <class T>
std::vector<T> float_values() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {Limits::infinity(),
                           Limits::quiet_NaN(),
                           Limits::max(),
                           Limits::min(),
                           Limits::denorm_min(),
                           Limits::min() / 8,
                           Limits::epsilon(),
                           1 + Limits::epsilon(),
                           T(0),
                           T(0.25),
                           T(0.5),
                           T(1),
                           T(1.5),
                           T(2),
                           T(2.5),
                           T(3),
                           T(3.5),
                           T(7.75),
                           T(0.1),
                           T(3.14159265358979323846L),
                           T(100.25),
                           T(360),
                           T(8388609),
                           T(1e10L),
                           T(1e18L),
                           T(1e-10L),
                           T(87.9L),
                           T(88.5L),
                           T(127.5L),
                           T(709.5L),
                           T(4503599627370497.L)};
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) values.push_back(-values[i]);
  return values;
}

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class T>
std::vector<std::byte> complex_values() {
  std::vector<std::byte> bytes;
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> parts = {T(0), -T(0), T(1), T(-1.5), T(0.25), T(-3), T(1e-5L), T(70), inf, -inf, nan};
  for (const T re : parts) {
    for (const T im : parts) append(bytes, std::complex<T>(re, im));
  }
  return bytes;
}

}  // namespace

const std::vector<RealCase>& real_cases() {
  static const std::vector<RealCase> cases = make_cases();
  return cases;
}

std::vector<kernels::InstructionSet> runnable_levels() {
  using kernels::InstructionSet;
  std::vector<InstructionSet> levels;
  for (const auto level :
       {InstructionSet::portable, InstructionSet::v2, InstructionSet::v3, InstructionSet::v4}) {
    if (kernels::can_run(level)) levels.push_back(level);
  }
  return levels;
}

std::string_view name_of(kernels::InstructionSet level) {
  constexpr std::string_view kNames[] = {"portable", "v2", "v3", "v4"};
  return kNames[static_cast<int>(level)];
}

std::vector<std::byte> adversarial_values(DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return {std::byte{0}, std::byte{1}};
    case DType::int8:
      return integer_values<std::int8_t>();
    case DType::int16:
      return integer_values<std::int16_t>();
    case DType::int32:
      return integer_values<std::int32_t>();
    case DType::int64:
      return integer_values<std::int64_t>();
    case DType::uint8:
      return integer_values<std::uint8_t>();
    case DType::uint16:
    case DType::float16:  // any bits will do
      return integer_values<std::uint16_t>();
    case DType::uint32:
      return integer_values<std::uint32_t>();
    case DType::uint64:
      return integer_values<std::uint64_t>();
    case DType::float32:
      return bytes_of(float_values<float>());
    case DType::float64:
      return bytes_of(float_values<double>());
    case DType::complex64:
      return complex_values<float>();
    default:
      return complex_values<double>();
  }
}

}  // namespace varve::test
