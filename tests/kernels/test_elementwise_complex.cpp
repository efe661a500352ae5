#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <cstring>
#include <random>

#include "kernels/elementwise/table.hpp"
#include "kernels/elementwise_oracle.hpp"

using namespace varve;
using namespace varve::test;
using kernels::ElementwiseOp;
using Wide = std::complex<long double>;

namespace {

struct ComplexCase {
  ElementwiseOp op;
  const char* name;
  int arity;
  Wide (*formula)(Wide, Wide);
};

const ComplexCase kCases[] = {
    {ElementwiseOp::positive, "positive", 1, [](Wide x, Wide) { return x; }},
    {ElementwiseOp::negative, "negative", 1, [](Wide x, Wide) { return -x; }},
    {ElementwiseOp::conj, "conj", 1, [](Wide x, Wide) { return std::conj(x); }},
    {ElementwiseOp::square, "square", 1, [](Wide x, Wide) { return x * x; }},
    {ElementwiseOp::reciprocal, "reciprocal", 1, [](Wide x, Wide) { return Wide(1) / x; }},
    {ElementwiseOp::sign, "sign", 1, [](Wide x, Wide) { return x / std::abs(x); }},
    {ElementwiseOp::sqrt, "sqrt", 1, [](Wide x, Wide) { return std::sqrt(x); }},
    {ElementwiseOp::exp, "exp", 1, [](Wide x, Wide) { return std::exp(x); }},
    {ElementwiseOp::exp2, "exp2", 1, [](Wide x, Wide) { return std::exp(x * std::log(2.0L)); }},
    {ElementwiseOp::expm1, "expm1", 1, [](Wide x, Wide) { return std::exp(x) - 1.0L; }},
    {ElementwiseOp::log, "log", 1, [](Wide x, Wide) { return std::log(x); }},
    {ElementwiseOp::log1p, "log1p", 1, [](Wide x, Wide) { return std::log(x + 1.0L); }},
    {ElementwiseOp::log2, "log2", 1, [](Wide x, Wide) { return std::log(x) / std::log(2.0L); }},
    {ElementwiseOp::log10, "log10", 1, [](Wide x, Wide) { return std::log(x) / std::log(10.0L); }},
    {ElementwiseOp::sin, "sin", 1, [](Wide x, Wide) { return std::sin(x); }},
    {ElementwiseOp::cos, "cos", 1, [](Wide x, Wide) { return std::cos(x); }},
    {ElementwiseOp::tan, "tan", 1, [](Wide x, Wide) { return std::tan(x); }},
    {ElementwiseOp::asin, "asin", 1, [](Wide x, Wide) { return std::asin(x); }},
    {ElementwiseOp::acos, "acos", 1, [](Wide x, Wide) { return std::acos(x); }},
    {ElementwiseOp::atan, "atan", 1, [](Wide x, Wide) { return std::atan(x); }},
    {ElementwiseOp::sinh, "sinh", 1, [](Wide x, Wide) { return std::sinh(x); }},
    {ElementwiseOp::cosh, "cosh", 1, [](Wide x, Wide) { return std::cosh(x); }},
    {ElementwiseOp::tanh, "tanh", 1, [](Wide x, Wide) { return std::tanh(x); }},
    {ElementwiseOp::asinh, "asinh", 1, [](Wide x, Wide) { return std::asinh(x); }},
    {ElementwiseOp::acosh, "acosh", 1, [](Wide x, Wide) { return std::acosh(x); }},
    {ElementwiseOp::atanh, "atanh", 1, [](Wide x, Wide) { return std::atanh(x); }},
    {ElementwiseOp::add, "add", 2, [](Wide x, Wide y) { return x + y; }},
    {ElementwiseOp::subtract, "subtract", 2, [](Wide x, Wide y) { return x - y; }},
    {ElementwiseOp::multiply, "multiply", 2, [](Wide x, Wide y) { return x * y; }},
    {ElementwiseOp::divide, "divide", 2, [](Wide x, Wide y) { return x / y; }},
    {ElementwiseOp::pow, "pow", 2, [](Wide x, Wide y) { return std::pow(x, y); }},
    {ElementwiseOp::abs, "abs", 1, [](Wide x, Wide) { return Wide(std::abs(x)); }},
    {ElementwiseOp::real, "real", 1, [](Wide x, Wide) { return Wide(x.real()); }},
    {ElementwiseOp::imag, "imag", 1, [](Wide x, Wide) { return Wide(x.imag()); }},
    {ElementwiseOp::isnan, "isnan", 1,
     [](Wide x, Wide) { return Wide(std::isnan(x.real()) || std::isnan(x.imag())); }},
    {ElementwiseOp::isinf, "isinf", 1,
     [](Wide x, Wide) { return Wide(std::isinf(x.real()) || std::isinf(x.imag())); }},
    {ElementwiseOp::isfinite, "isfinite", 1,
     [](Wide x, Wide) { return Wide(std::isfinite(x.real()) && std::isfinite(x.imag())); }},
    {ElementwiseOp::round, "round", 1,
     [](Wide x, Wide) { return Wide(std::nearbyint(x.real()), std::nearbyint(x.imag())); }},
    {ElementwiseOp::logical_not, "logical_not", 1, [](Wide x, Wide) { return Wide(x == Wide(0)); }},
    {ElementwiseOp::logical_and, "logical_and", 2,
     [](Wide x, Wide y) { return Wide(x != Wide(0) && y != Wide(0)); }},
    {ElementwiseOp::logical_or, "logical_or", 2,
     [](Wide x, Wide y) { return Wide(x != Wide(0) || y != Wide(0)); }},
    {ElementwiseOp::logical_xor, "logical_xor", 2,
     [](Wide x, Wide y) { return Wide((x != Wide(0)) != (y != Wide(0))); }},
    {ElementwiseOp::equal, "equal", 2, [](Wide x, Wide y) { return Wide(x == y); }},
    {ElementwiseOp::not_equal, "not_equal", 2, [](Wide x, Wide y) { return Wide(x != y); }},
};

bool gives_boolean(ElementwiseOp op) {
  return op >= ElementwiseOp::logical_and ||
         (op >= ElementwiseOp::logical_not && op <= ElementwiseOp::signbit);
}

bool gives_real(ElementwiseOp op) {
  return op == ElementwiseOp::abs || op == ElementwiseOp::real || op == ElementwiseOp::imag;
}

template <class T>
std::vector<std::complex<T>> operands(unsigned seed, bool with_specials) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-3, 3);
  const double special[] = {0, -0.0, 1, -1, INFINITY, -INFINITY, NAN};
  std::vector<std::complex<T>> values;
  for (int i = 0; i < 2000; ++i) {
    const bool take = with_specials && i % 2 == 0;
    const double re = take ? special[random() % 7] : uniform(random);
    const double im = take ? special[random() % 7] : uniform(random);
    values.emplace_back(static_cast<T>(re), static_cast<T>(im));
  }
  return values;
}

template <class T>
Wide result_at(const ComplexCase& row, const std::vector<std::byte>& output, std::size_t i) {
  if (gives_boolean(row.op)) return Wide(static_cast<int>(output[i]));
  const std::size_t width = gives_real(row.op) ? sizeof(T) : 2 * sizeof(T);
  T parts[2] = {};
  std::memcpy(parts, output.data() + i * width, width);
  return Wide(parts[0], parts[1]);
}

template <class T>
void check_case(const ComplexCase& row, DType dtype, kernels::InstructionSet level, bool with_specials) {
  const auto x = operands<T>(1, with_specials);
  const auto y = operands<T>(2, with_specials);
  std::vector<std::byte> output(x.size() * sizeof(std::complex<T>));
  const void* inputs[] = {x.data(), y.data()};
  const auto& kernels_of_op = kernels::elementwise_table(level).rows[static_cast<int>(row.op)];
  REQUIRE(kernels_of_op.by_dtype[static_cast<int>(dtype)] != nullptr);
  kernels_of_op.by_dtype[static_cast<int>(dtype)](inputs, output.data(), static_cast<std::int64_t>(x.size()),
                                                  0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Wide want = row.formula(Wide(x[i]), Wide(y[i]));
    const Wide got = result_at<T>(row, output, i);
    const long double scale = std::abs(want) + (row.op == ElementwiseOp::expm1 ? 1 : 0);
    // Powers of complex numbers lose digits in exp(y log x).
    const long double ulps = row.op == ElementwiseOp::pow ? 100 : 8;
    const bool close = std::abs(got - want) <= ulps * std::numeric_limits<T>::epsilon() * scale;
    if (close || got == want) continue;
    INFO(row.name << ' ' << name_of(dtype) << ' ' << test::name_of(level) << ' ' << x[i] << ' ' << y[i]);
    INFO("gave " << got << ", expected " << want);
    CHECK(close);
    return;
  }
  CHECK(true);
}

}  // namespace

TEST_CASE("elementwise complex: values agree with the formulas in long double", "[kernels]") {
  for (const auto& row : kCases) {
    for (const auto level : runnable_levels()) {
      check_case<float>(row, DType::complex64, level, false);
      check_case<double>(row, DType::complex128, level, false);
    }
  }
}

TEST_CASE("elementwise complex: infinities and NaN are seen by the tests for them", "[kernels]") {
  for (const auto& row : kCases) {
    if (!gives_boolean(row.op)) continue;
    for (const auto level : runnable_levels()) {
      check_case<float>(row, DType::complex64, level, true);
      check_case<double>(row, DType::complex128, level, true);
    }
  }
}

TEST_CASE("elementwise complex: special values as in NumPy", "[kernels]") {
  using Complex = std::complex<double>;
  const double inf = INFINITY;
  const auto call = [](ElementwiseOp op, Complex x, Complex y = {}) {
    Complex result;
    const void* inputs[] = {&x, &y};
    kernels::find_elementwise(op, DType::complex128)(inputs, &result, 1, 0);
    return result;
  };
  CHECK(call(ElementwiseOp::sign, {0, 0}) == Complex(0, 0));
  CHECK(call(ElementwiseOp::sign, {-inf, 2}) == Complex(-1, 0));
  CHECK(call(ElementwiseOp::sign, {3, inf}) == Complex(0, 1));
  CHECK(std::isnan(call(ElementwiseOp::sign, {NAN, 1}).real()));
  CHECK(call(ElementwiseOp::pow, {0, 0}, {0, 0}) == Complex(1, 0));
  CHECK(call(ElementwiseOp::pow, {0, 0}, {2, 0}) == Complex(0, 0));
  CHECK(std::isnan(call(ElementwiseOp::pow, {0, 0}, {-1, 0}).real()));
  CHECK(call(ElementwiseOp::pow, {1, 2}, {2, 0}) == Complex(-3, 4));
  CHECK(call(ElementwiseOp::divide, {1, -1}, {0, 0}) == Complex(inf, -inf));
  CHECK(call(ElementwiseOp::divide, {1e300, 1e300}, {1e300, 1e300}) == Complex(1, 0));
  double length = 0;
  const Complex x(inf, NAN);
  const void* inputs[] = {&x};
  kernels::find_elementwise(ElementwiseOp::abs, DType::complex128)(inputs, &length, 1, 0);
  CHECK(length == inf);
}

TEST_CASE("nan_to_num complex: replaces part by part", "[kernels]") {
  const std::complex<float> x[] = {{NAN, 1}, {2, -INFINITY}, {INFINITY, NAN}};
  const std::complex<float> nan(7), positive(8), negative(9);
  std::complex<float> got[3];
  const void* inputs[] = {x, &nan, &positive, &negative};
  kernels::find_elementwise(ElementwiseOp::nan_to_num, DType::complex64)(inputs, got, 3, 14);
  CHECK(got[0] == std::complex<float>(7, 1));
  CHECK(got[1] == std::complex<float>(2, 9));
  CHECK(got[2] == std::complex<float>(8, 7));
}
