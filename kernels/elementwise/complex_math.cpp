// Complex functions: compiled once, since the work is done by the standard library's scalar functions.
#include <cmath>
#include <complex>
#include <limits>

#include "kernels/elementwise/loops.hpp"

namespace varve::kernels {
namespace {

using namespace VARVE_ISA_NAMESPACE;

#define VARVE_COMPLEX_FUNCTION(Name, function)                       \
  struct Name {                                                      \
    template <class T>                                               \
    static std::complex<T> eval(const std::complex<T>& x) noexcept { \
      return std::function(x);                                       \
    }                                                                \
  };

VARVE_COMPLEX_FUNCTION(Exp, exp)
VARVE_COMPLEX_FUNCTION(Log, log)
VARVE_COMPLEX_FUNCTION(Log10, log10)
VARVE_COMPLEX_FUNCTION(Sqrt, sqrt)
VARVE_COMPLEX_FUNCTION(Sin, sin)
VARVE_COMPLEX_FUNCTION(Cos, cos)
VARVE_COMPLEX_FUNCTION(Tan, tan)
VARVE_COMPLEX_FUNCTION(Asin, asin)
VARVE_COMPLEX_FUNCTION(Acos, acos)
VARVE_COMPLEX_FUNCTION(Atan, atan)
VARVE_COMPLEX_FUNCTION(Sinh, sinh)
VARVE_COMPLEX_FUNCTION(Cosh, cosh)
VARVE_COMPLEX_FUNCTION(Tanh, tanh)
VARVE_COMPLEX_FUNCTION(Asinh, asinh)
VARVE_COMPLEX_FUNCTION(Acosh, acosh)
VARVE_COMPLEX_FUNCTION(Atanh, atanh)

struct Exp2 {
  template <class T>
  static std::complex<T> eval(const std::complex<T>& x) noexcept {
    constexpr T kLog2 = static_cast<T>(0.693147180559945309417232121458L);
    return std::exp(std::complex<T>(x.real() * kLog2, x.imag() * kLog2));
  }
};

struct Log2 {
  template <class T>
  static std::complex<T> eval(const std::complex<T>& x) noexcept {
    constexpr T kLog2E = static_cast<T>(1.442695040888963407359924681002L);
    const std::complex<T> log = std::log(x);
    return {log.real() * kLog2E, log.imag() * kLog2E};
  }
};

// exp(a + bi) - 1 = expm1(a) cos b - 2 sin^2(b/2) + i exp(a) sin b
struct Expm1 {
  template <class T>
  static std::complex<T> eval(const std::complex<T>& x) noexcept {
    const T half = std::sin(x.imag() / 2);
    return {std::expm1(x.real()) * std::cos(x.imag()) - 2 * half * half,
            std::exp(x.real()) * std::sin(x.imag())};
  }
};

// Near 0, log|1 + a + bi| = log1p(2a + a^2 + b^2) / 2 keeps the small digits.
struct Log1p {
  template <class T>
  static std::complex<T> eval(const std::complex<T>& x) noexcept {
    const T a = x.real();
    const T b = x.imag();
    const T angle = std::atan2(b, a + 1);
    if (std::fabs(a) < T{0.5} && std::fabs(b) < T{0.5}) return {std::log1p(a * (2 + a) + b * b) / 2, angle};
    return {std::log(std::hypot(a + 1, b)), angle};
  }
};

template <class T>
std::complex<T> multiply(const std::complex<T>& x, const std::complex<T>& y) noexcept {
  return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
}

// As NumPy: small whole exponents by multiplication, which is more exact than exp(y log x).
struct Power {
  template <class T>
  static std::complex<T> eval(const std::complex<T>& base, const std::complex<T>& exponent) noexcept {
    using Complex = std::complex<T>;
    if (exponent == Complex(0)) return Complex(1);
    if (base == Complex(0)) {
      if (exponent.real() > 0 && exponent.imag() == 0) return Complex(0);
      const T nan = std::numeric_limits<T>::quiet_NaN();
      return {nan, nan};
    }
    if (exponent.imag() == 0 && std::fabs(exponent.real()) < 100 &&
        exponent.real() == std::trunc(exponent.real())) {
      return whole_power(base, static_cast<int>(exponent.real()));
    }
    return std::pow(base, exponent);
  }

 private:
  template <class T>
  static std::complex<T> whole_power(std::complex<T> square, int exponent) noexcept {
    std::complex<T> result(1);
    for (int left = exponent < 0 ? -exponent : exponent; left != 0; left >>= 1) {
      if (left & 1) result = multiply(result, square);
      square = multiply(square, square);
    }
    return exponent < 0 ? std::complex<T>(1) / result : result;
  }
};

template <class Op>
void fill_unary(ElementwiseRow& row) noexcept {
  add_unary<Op, std::complex<float>, std::complex<double>>(row);
}

}  // namespace

void fill_complex_math(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_unary<Exp>(table[exp]);
  fill_unary<Exp2>(table[exp2]);
  fill_unary<Expm1>(table[expm1]);
  fill_unary<Log>(table[log]);
  fill_unary<Log1p>(table[log1p]);
  fill_unary<Log2>(table[log2]);
  fill_unary<Log10>(table[log10]);
  fill_unary<Sqrt>(table[sqrt]);
  fill_unary<Sin>(table[sin]);
  fill_unary<Cos>(table[cos]);
  fill_unary<Tan>(table[tan]);
  fill_unary<Asin>(table[asin]);
  fill_unary<Acos>(table[acos]);
  fill_unary<Atan>(table[atan]);
  fill_unary<Sinh>(table[sinh]);
  fill_unary<Cosh>(table[cosh]);
  fill_unary<Tanh>(table[tanh]);
  fill_unary<Asinh>(table[asinh]);
  fill_unary<Acosh>(table[acosh]);
  fill_unary<Atanh>(table[atanh]);
  add_binary<Power, std::complex<float>, std::complex<double>>(table[pow]);
}

}  // namespace varve::kernels
