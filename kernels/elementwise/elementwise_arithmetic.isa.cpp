#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// bool adds as "or" and multiplies as "and", as in NumPy. Integers wrap.
struct Add {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_same_v<T, bool>) {
      return x | y;
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<Wrapping<T>>(x) + static_cast<Wrapping<T>>(y));
    } else {
      return x + y;
    }
  }
};

struct Subtract {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<Wrapping<T>>(x) - static_cast<Wrapping<T>>(y));
    } else {
      return x - y;
    }
  }
};

struct Multiply {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_same_v<T, bool>) {
      return x & y;
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(y));
    } else {
      return x * y;
    }
  }
};

struct Square {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    return Multiply::eval(x, x);
  }
};

struct Identity {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    return x;
  }
};

struct Zero {
  template <class T>
  static VARVE_INLINE T eval(T) noexcept {
    return T{};
  }
};

struct Negative {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x));
    } else {
      return -x;
    }
  }
};

struct Abs {
  static VARVE_INLINE float eval(float x) noexcept { return __builtin_fabsf(x); }
  static VARVE_INLINE double eval(double x) noexcept { return __builtin_fabs(x); }
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    if constexpr (std::is_signed_v<T>) {
      return x < 0 ? Negative::eval(x) : x;
    } else {
      return x;
    }
  }
};

// NaN stays NaN; both zeros give +0, as in NumPy.
struct Sign {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      const T sign = static_cast<T>((x > T{0}) - (x < T{0}));
      return x != x ? x : sign;
    } else {
      return static_cast<T>((x > T{0}) - (x < T{0}));
    }
  }
};

struct DegreesToRadians {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    return x * static_cast<T>(0.017453292519943295769236907684886L);
  }
};

struct RadiansToDegrees {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    return x * static_cast<T>(57.295779513082320876798154814105L);
  }
};

template <class Op>
void fill_unary(ElementwiseRow& row) noexcept {
  add_unary_integers<Op>(row);
  add_unary<Op, float, double>(row);
}

template <class Op>
void fill_binary(ElementwiseRow& row) noexcept {
  add_binary_integers<Op>(row);
  add_binary<Op, float, double>(row);
}

}  // namespace

void fill_arithmetic(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_binary<Add>(table[add]);
  fill_binary<Subtract>(table[subtract]);
  fill_binary<Multiply>(table[multiply]);
  add_binary<Add, bool>(table[add]);
  add_binary<Multiply, bool>(table[multiply]);

  fill_unary<Identity>(table[positive]);
  fill_unary<Identity>(table[conj]);
  fill_unary<Identity>(table[real]);
  fill_unary<Zero>(table[imag]);
  fill_unary<Negative>(table[negative]);
  fill_unary<Abs>(table[abs]);
  add_unary<Identity, bool>(table[abs]);
  fill_unary<Square>(table[square]);
  fill_unary<Sign>(table[sign]);
  add_unary<DegreesToRadians, float, double>(table[deg2rad]);
  add_unary<RadiansToDegrees, float, double>(table[rad2deg]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
