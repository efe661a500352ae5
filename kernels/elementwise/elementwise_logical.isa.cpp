#include "kernels/elementwise/complex_pair.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// NaN is true: it is not zero.
template <class T>
VARVE_INLINE bool is_true(T x) noexcept {
  return x != T{0};
}
template <class T>
VARVE_INLINE bool is_true(Pair<T> x) noexcept {
  return (x.re != T{0}) | (x.im != T{0});
}

struct LogicalNot {
  template <class T>
  static VARVE_INLINE bool eval(T x) noexcept {
    return !is_true(x);
  }
};

struct LogicalAnd {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return is_true(x) & is_true(y);
  }
};

struct LogicalOr {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return is_true(x) | is_true(y);
  }
};

struct LogicalXor {
  template <class T>
  static VARVE_INLINE bool eval(T x, T y) noexcept {
    return is_true(x) ^ is_true(y);
  }
};

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  add_binary_integers<Op>(row);
  add_binary<Op, bool, float, double, Complex64, Complex128>(row);
}

}  // namespace

void fill_logical(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  add_unary_integers<LogicalNot>(table[logical_not]);
  add_unary<LogicalNot, bool, float, double, Complex64, Complex128>(table[logical_not]);
  fill_row<LogicalAnd>(table[logical_and]);
  fill_row<LogicalOr>(table[logical_or]);
  fill_row<LogicalXor>(table[logical_xor]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
