#include <limits>

#include "kernels/elementwise/complex_pair.hpp"
#include "kernels/elementwise/hypotenuse.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

struct IsNan {
  template <class T>
  static VARVE_INLINE bool eval(T x) noexcept {
    return x != x;
  }
  template <class T>
  static VARVE_INLINE bool eval(Pair<T> x) noexcept {
    return (x.re != x.re) | (x.im != x.im);
  }
};

struct IsInf {
  template <class T>
  static VARVE_INLINE bool eval(T x) noexcept {
    return magnitude(x) == std::numeric_limits<T>::infinity();
  }
  template <class T>
  static VARVE_INLINE bool eval(Pair<T> x) noexcept {
    return eval(x.re) | eval(x.im);
  }
};

struct IsFinite {
  template <class T>
  static VARVE_INLINE bool eval(T x) noexcept {
    return magnitude(x) <= std::numeric_limits<T>::max();
  }
  template <class T>
  static VARVE_INLINE bool eval(Pair<T> x) noexcept {
    return eval(x.re) & eval(x.im);
  }
};

// Integers and bool have neither NaN nor infinity.
template <bool Answer>
struct Constant {
  template <class T>
  static VARVE_INLINE bool eval(T) noexcept {
    return Answer;
  }
};

struct Signbit {
  static VARVE_INLINE bool eval(float x) noexcept { return __builtin_signbit(x) != 0; }
  static VARVE_INLINE bool eval(double x) noexcept { return __builtin_signbit(x) != 0; }
};

struct Copysign {
  static VARVE_INLINE float eval(float x, float y) noexcept { return __builtin_copysignf(x, y); }
  static VARVE_INLINE double eval(double x, double y) noexcept { return __builtin_copysign(x, y); }
};

template <class T>
VARVE_INLINE T replace_special(T x, T nan, T positive, T negative) noexcept {
  T result = x != x ? nan : x;
  result = x == std::numeric_limits<T>::infinity() ? positive : result;
  return x == -std::numeric_limits<T>::infinity() ? negative : result;
}

// The parts of a complex number are replaced one by one, by the real parts of the replacements, as in NumPy.
template <class T>
void nan_to_num_kernel(const void* const* inputs, void* output, std::int64_t n,
                       unsigned scalar_mask) noexcept {
  if (n <= 0) return;
  const Operand<T> x(inputs[0], scalar_mask, 0);
  const Operand<T> nan(inputs[1], scalar_mask, 1);
  const Operand<T> positive(inputs[2], scalar_mask, 2);
  const Operand<T> negative(inputs[3], scalar_mask, 3);
  T* out = static_cast<T*>(output);
  if ((scalar_mask & 15u) == 14u) {
    const T nan0 = nan[0];
    const T positive0 = positive[0];
    const T negative0 = negative[0];
    VARVE_VECTOR_LOOP
    for (std::int64_t i = 0; i < n; ++i) out[i] = replace_special(x.values[i], nan0, positive0, negative0);
  } else {
    VARVE_VECTOR_LOOP
    for (std::int64_t i = 0; i < n; ++i) out[i] = replace_special(x[i], nan[i], positive[i], negative[i]);
  }
}

template <class T>
VARVE_INLINE Pair<T> replace_special(Pair<T> x, Pair<T> nan, Pair<T> positive, Pair<T> negative) noexcept {
  return {replace_special(x.re, nan.re, positive.re, negative.re),
          replace_special(x.im, nan.re, positive.re, negative.re)};
}

template <class IntegerOp, class FloatOp>
void fill_row(ElementwiseRow& row) noexcept {
  add_unary_integers<IntegerOp>(row);
  add_unary<IntegerOp, bool>(row);
  add_unary<FloatOp, float, double, Complex64, Complex128>(row);
}

template <class... Types>
void add_nan_to_num(ElementwiseRow& row) noexcept {
  ((row.by_dtype[static_cast<int>(dtype_of<Types>())] = &nan_to_num_kernel<Types>), ...);
}

}  // namespace

void fill_classify(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_row<Constant<false>, IsNan>(table[isnan]);
  fill_row<Constant<false>, IsInf>(table[isinf]);
  fill_row<Constant<true>, IsFinite>(table[isfinite]);
  add_unary<Signbit, float, double>(table[signbit]);
  add_binary<Copysign, float, double>(table[copysign]);
  add_nan_to_num<float, double, Complex64, Complex128>(table[nan_to_num]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
