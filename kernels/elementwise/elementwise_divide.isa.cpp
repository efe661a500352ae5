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
    return truncated_remainder(x, y);
  }
};

// The result has the sign of the divisor.
struct Remainder {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    const T rest = truncated_remainder(x, y);
    if constexpr (std::is_signed_v<T>) {
      if (rest != 0 && (rest < 0) != (y < 0)) return static_cast<T>(rest + y);
    }
    return rest;
  }
};

struct FloorDivide {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    const T quotient = truncated_quotient(x, y);
    if constexpr (std::is_signed_v<T>) {
      const T rest = truncated_remainder(x, y);
      if (rest != 0 && (rest < 0) != (y < 0)) return static_cast<T>(quotient - 1);
    }
    return quotient;
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
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
