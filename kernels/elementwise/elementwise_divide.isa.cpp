#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

struct Divide {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    return x / y;
  }
};

struct Reciprocal {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    return T{1} / x;
  }
};

VARVE_INLINE float c_fmod(float x, float y) noexcept { return __builtin_fmodf(x, y); }
VARVE_INLINE double c_fmod(double x, double y) noexcept { return __builtin_fmod(x, y); }
VARVE_INLINE float copy_sign(float x, float y) noexcept { return __builtin_copysignf(x, y); }
VARVE_INLINE double copy_sign(double x, double y) noexcept { return __builtin_copysign(x, y); }
VARVE_INLINE float round_down(float x) noexcept { return __builtin_floorf(x); }
VARVE_INLINE double round_down(double x) noexcept { return __builtin_floor(x); }

// Integer division by zero gives 0, and INT_MIN / -1 wraps: both would trap in hardware.
template <class T>
VARVE_INLINE T truncated_quotient(T x, T y) noexcept {
  if constexpr (std::is_signed_v<T>) {
    if (y == T{-1}) return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x));
  }
  return y == 0 ? T{0} : static_cast<T>(x / y);
}

template <class T>
VARVE_INLINE T truncated_remainder(T x, T y) noexcept {
  if constexpr (std::is_signed_v<T>) {
    if (y == T{-1}) return T{0};
  }
  return y == 0 ? T{0} : static_cast<T>(x % y);
}

struct Fmod {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_integral_v<T>) {
      return truncated_remainder(x, y);
    } else {
      return c_fmod(x, y);
    }
  }
};

// The result has the sign of the divisor; a zero result too.
struct Remainder {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    const T rest = Fmod::eval(x, y);
    if constexpr (std::is_floating_point_v<T>) {
      if (rest == T{0}) return copy_sign(T{0}, y);
    }
    if constexpr (std::is_signed_v<T>) {
      if (rest != 0 && (rest < 0) != (y < 0)) return static_cast<T>(rest + y);
    }
    return rest;
  }
};

// Floats: the integer q for which x = q * y + remainder(x, y), as NumPy computes it, rather than floor(x /
// y), whose quotient may already be rounded up to the next integer.
struct FloorDivide {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      if (y == T{0}) return x / y;
      const T rest = c_fmod(x, y);
      T quotient = (x - rest) / y;
      if (rest != T{0} && (rest < T{0}) != (y < T{0})) quotient -= T{1};
      if (quotient == T{0}) return copy_sign(T{0}, x / y);
      const T whole = round_down(quotient);
      return quotient - whole > T{0.5} ? whole + T{1} : whole;
    } else {
      const T quotient = truncated_quotient(x, y);
      if constexpr (std::is_signed_v<T>) {
        const T rest = truncated_remainder(x, y);
        if (rest != 0 && (rest < 0) != (y < 0)) return static_cast<T>(quotient - 1);
      }
      return quotient;
    }
  }
};

}  // namespace

void fill_divide(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  add_binary<Divide, float, double>(table[divide]);
  add_unary<Reciprocal, float, double>(table[reciprocal]);
  add_binary_integers<Fmod>(table[fmod]);
  add_binary_integers<Remainder>(table[remainder]);
  add_binary_integers<FloorDivide>(table[floor_divide]);
  add_binary<Fmod, float, double>(table[fmod]);
  add_binary<Remainder, float, double>(table[remainder]);
  add_binary<FloorDivide, float, double>(table[floor_divide]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
