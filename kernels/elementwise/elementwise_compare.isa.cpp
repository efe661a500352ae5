#include "kernels/elementwise/complex_pair.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

struct Equal {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return x == y;
  }
  template <class T>
  static VARVE_INLINE bool eval(Pair<T> x, Pair<T> y) noexcept {
    return (x.re == y.re) & (x.im == y.im);
  }
};

struct NotEqual {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return x != y;
  }
  template <class T>
  static VARVE_INLINE bool eval(Pair<T> x, Pair<T> y) noexcept {
    return (x.re != y.re) | (x.im != y.im);
  }
};

struct Less {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return x < y;
  }
};

struct LessEqual {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return x <= y;
  }
};

struct Greater {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return x > y;
  }
};

struct GreaterEqual {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return x >= y;
  }
};

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  add_binary_integers<Op>(row);
  add_binary<Op, bool, float, double>(row);
}

}  // namespace

void fill_compare(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_row<Equal>(table[equal]);
  fill_row<NotEqual>(table[not_equal]);
  add_binary<Equal, Complex64, Complex128>(table[equal]);
  add_binary<NotEqual, Complex64, Complex128>(table[not_equal]);
  fill_row<Less>(table[less]);
  fill_row<LessEqual>(table[less_equal]);
  fill_row<Greater>(table[greater]);
  fill_row<GreaterEqual>(table[greater_equal]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
