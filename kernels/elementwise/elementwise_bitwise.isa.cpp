#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

struct Invert {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    if constexpr (std::is_same_v<T, bool>) {
      return !x;
    } else {
      return static_cast<T>(~x);
    }
  }
};

struct And {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    return static_cast<T>(x & y);
  }
};

struct Or {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    return static_cast<T>(x | y);
  }
};

struct Xor {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    return static_cast<T>(x ^ y);
  }
};

template <class T>
inline constexpr T kWidth = static_cast<T>(sizeof(T) * 8);

// A count outside [0, width) shifts everything out. The count is clamped before the shift: both sides of the
// choice are computed when the loop is vectorised.
struct LeftShift {
  template <class T>
  static VARVE_INLINE T eval(T x, T count) noexcept {
    const bool inside = count >= 0 && count < kWidth<T>;
    const Wrapping<T> safe = inside ? static_cast<Wrapping<T>>(count) : Wrapping<T>{0};
    const Wrapping<T> shifted = static_cast<Wrapping<T>>(x) << safe;
    return inside ? static_cast<T>(shifted) : T{0};
  }
};

// Negative values fill with ones (>> of a negative integer is arithmetic since C++20).
struct RightShift {
  template <class T>
  static VARVE_INLINE T eval(T x, T count) noexcept {
    const bool inside = count >= 0 && count < kWidth<T>;
    const T safe = inside ? count : static_cast<T>(kWidth<T> - 1);
    const T shifted = static_cast<T>(x >> safe);
    if constexpr (std::is_signed_v<T>) return shifted;  // width - 1 leaves 0 or -1
    return inside ? shifted : T{0};
  }
};

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  add_binary_integers<Op>(row);
  add_binary<Op, bool>(row);
}

}  // namespace

void fill_bitwise(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  add_unary_integers<Invert>(table[bitwise_invert]);
  add_unary<Invert, bool>(table[bitwise_invert]);
  fill_row<And>(table[bitwise_and]);
  fill_row<Or>(table[bitwise_or]);
  fill_row<Xor>(table[bitwise_xor]);
  add_binary_integers<LeftShift>(table[bitwise_left_shift]);
  add_binary_integers<RightShift>(table[bitwise_right_shift]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
