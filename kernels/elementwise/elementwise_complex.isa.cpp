#include <limits>

#include "kernels/elementwise/complex_pair.hpp"
#include "kernels/elementwise/hypotenuse.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

struct Add {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x, Pair<T> y) noexcept {
    return {x.re + y.re, x.im + y.im};
  }
};

struct Subtract {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x, Pair<T> y) noexcept {
    return {x.re - y.re, x.im - y.im};
  }
};

// Written with sums only: g++ 12 turns a difference beside a sum into a fused multiply-add-subtract, even
// under -ffp-contract=off, and the bits would depend on the instruction set.
struct Multiply {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x, Pair<T> y) noexcept {
    return {x.re * y.re + (-x.im) * y.im, x.re * y.im + x.im * y.re};
  }
};

struct Square {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    return Multiply::eval(x, x);
  }
};

// Smith's method: divides by the larger part of the divisor first, so that nothing overflows on the way.
struct Divide {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x, Pair<T> y) noexcept {
    const bool real_larger = magnitude(y.re) >= magnitude(y.im);
    const T larger = real_larger ? y.re : y.im;
    const T smaller = real_larger ? y.im : y.re;
    const T ratio = smaller / larger;
    const T scale = T{1} / (larger + smaller * ratio);
    const T u = real_larger ? T{1} : ratio;
    const T v = real_larger ? ratio : T{1};
    const Pair<T> quotient = {(x.re * u + x.im * v) * scale, (x.im * u + x.re * (-v)) * scale};
    const T zero = magnitude(larger);
    const Pair<T> by_zero = {x.re / zero, x.im / zero};
    return larger == T{0} ? by_zero : quotient;
  }
};

struct Reciprocal {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    const bool real_larger = magnitude(x.re) >= magnitude(x.im);
    const T larger = real_larger ? x.re : x.im;
    const T smaller = real_larger ? x.im : x.re;
    const T ratio = smaller / larger;
    const T divisor = larger + smaller * ratio;
    if (real_larger) return {T{1} / divisor, -ratio / divisor};
    return {ratio / divisor, T{-1} / divisor};
  }
};

struct Positive {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    return x;
  }
};

struct Negative {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    return {-x.re, -x.im};
  }
};

struct Conj {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    return {x.re, -x.im};
  }
};

struct Real {
  template <class T>
  static VARVE_INLINE T eval(Pair<T> x) noexcept {
    return x.re;
  }
};

struct Imag {
  template <class T>
  static VARVE_INLINE T eval(Pair<T> x) noexcept {
    return x.im;
  }
};

struct Abs {
  template <class T>
  static VARVE_INLINE T eval(Pair<T> x) noexcept {
    return hypotenuse(x.re, x.im);
  }
};

// x / |x|; 0 for 0; for an infinite part, the unit towards it (NaN if both parts are infinite), as in
// NumPy 2.
struct Sign {
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    const T length = hypotenuse(x.re, x.im);
    if (length == std::numeric_limits<T>::infinity()) {
      const bool re_infinite = magnitude(x.re) == length;
      const bool im_infinite = magnitude(x.im) == length;
      if (re_infinite && im_infinite) return {x.re - x.re, x.im - x.im};
      if (re_infinite) return {x.re > 0 ? T{1} : T{-1}, T{0}};
      return {T{0}, x.im > 0 ? T{1} : T{-1}};
    }
    if (length == T{0}) return {T{0}, T{0}};
    return {x.re / length, x.im / length};
  }
};

template <class Op>
void fill_unary(ElementwiseRow& row) noexcept {
  add_unary<Op, Complex64, Complex128>(row);
}
template <class Op>
void fill_binary(ElementwiseRow& row) noexcept {
  add_binary<Op, Complex64, Complex128>(row);
}

struct Hypot {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    return hypotenuse(x, y);
  }
};

}  // namespace

void fill_complex(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_binary<Add>(table[add]);
  fill_binary<Subtract>(table[subtract]);
  fill_binary<Multiply>(table[multiply]);
  fill_binary<Divide>(table[divide]);
  fill_unary<Square>(table[square]);
  fill_unary<Reciprocal>(table[reciprocal]);
  fill_unary<Positive>(table[positive]);
  fill_unary<Negative>(table[negative]);
  fill_unary<Conj>(table[conj]);
  fill_unary<Real>(table[real]);
  fill_unary<Imag>(table[imag]);
  fill_unary<Abs>(table[abs]);
  fill_unary<Sign>(table[sign]);
  add_binary<Hypot, float, double>(table[hypot]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
