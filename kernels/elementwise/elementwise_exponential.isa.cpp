#include <cmath>
#include <limits>

#include "kernels/elementwise/vector_math.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// Beyond these bounds results are close to overflow or subnormal, where xsimd gives infinity and zero too
// early.
template <class T>
struct ExpRange;
template <>
struct ExpRange<float> {
  static constexpr float kLow = -87.0f;
  static constexpr float kHigh = 88.0f;
  static constexpr float kLow2 = -125.5f;
  static constexpr float kHigh2 = 126.5f;
};
template <>
struct ExpRange<double> {
  static constexpr double kLow = -708.0;
  static constexpr double kHigh = 709.0;
  static constexpr double kLow2 = -1021.5;
  static constexpr double kHigh2 = 1022.5;
};

template <class B>
using RangeOf = ExpRange<typename B::value_type>;

struct Exp {
  template <class T>
  static T one(T x) noexcept {
    return std::exp(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::exp(x);
  }
  template <class B>
  static VARVE_INLINE auto is_odd(B x) noexcept {
    return x < B(RangeOf<B>::kLow) || x > B(RangeOf<B>::kHigh);
  }
};

struct Exp2 {
  template <class T>
  static T one(T x) noexcept {
    return std::exp2(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::exp2(x);
  }
  template <class B>
  static VARVE_INLINE auto is_odd(B x) noexcept {
    return x < B(RangeOf<B>::kLow2) || x > B(RangeOf<B>::kHigh2);
  }
};

struct Expm1 {
  template <class T>
  static T one(T x) noexcept {
    return std::expm1(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    const B result = xsimd::expm1(x);
    return xsimd::select(x == B(0), x, result);  // keeps -0
  }
  template <class B>
  static VARVE_INLINE auto is_odd(B x) noexcept {
    return x > B(RangeOf<B>::kHigh);
  }
};

// xsimd's logarithms of subnormal float64 are wrong.
struct SubnormalIsOdd {
  template <class B>
  static VARVE_INLINE auto is_odd(B x) noexcept {
    return x > B(0) && x < B(std::numeric_limits<typename B::value_type>::min());
  }
};

struct Log : SubnormalIsOdd {
  template <class T>
  static T one(T x) noexcept {
    return std::log(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::log(x);
  }
};

struct Log2 : SubnormalIsOdd {
  template <class T>
  static T one(T x) noexcept {
    return std::log2(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::log2(x);
  }
};

struct Log10 : SubnormalIsOdd {
  template <class T>
  static T one(T x) noexcept {
    return std::log10(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::log10(x);
  }
};

struct Log1p {
  template <class T>
  static T one(T x) noexcept {
    return std::log1p(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::select(x == B(0), x, xsimd::log1p(x));  // keeps -0
  }
};

struct Cbrt {
  template <class T>
  static T one(T x) noexcept {
    return std::cbrt(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::cbrt(x);
  }
  template <class B>
  static VARVE_INLINE auto is_odd(B x) noexcept {
    return xsimd::abs(x) < B(std::numeric_limits<typename B::value_type>::min()) && x != B(0);
  }
};

// log(exp(x) + exp(y)). The exponential of minus the distance may vanish, it is then too small to count.
struct Logaddexp {
  template <class T>
  static T one(T x, T y) noexcept {
    if (x == y) return x + static_cast<T>(0.693147180559945309417232121458L);
    const T larger = x > y ? x : y;
    const T distance = std::fabs(x - y);
    return x != x || y != y ? x + y : larger + std::log1p(std::exp(-distance));
  }
  template <class B>
  static VARVE_INLINE B many(B x, B y) noexcept {
    const B larger = xsimd::select(x > y, x, y);
    const B apart = larger + xsimd::log1p(xsimd::exp(-xsimd::abs(x - y)));
    const B together = x + B(static_cast<typename B::value_type>(0.693147180559945309417232121458L));
    const B result = xsimd::select(x == y, together, apart);
    return xsimd::select(x == x && y == y, result, x + y);
  }
};

}  // namespace

void fill_exponential(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  add_unary_math<Exp>(table[exp]);
  add_unary_math<Exp2>(table[exp2]);
  add_unary_math<Expm1>(table[expm1]);
  add_unary_math<Log>(table[log]);
  add_unary_math<Log2>(table[log2]);
  add_unary_math<Log10>(table[log10]);
  add_unary_math<Log1p>(table[log1p]);
  add_unary_math<Cbrt>(table[cbrt]);
  add_binary_math<Logaddexp>(table[logaddexp]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
