#include <cmath>

#include "kernels/elementwise/vector_math.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

VARVE_SAME_NAME(Asin, asin)
VARVE_SAME_NAME(Acos, acos)
VARVE_SAME_NAME(Atan, atan)

struct Atan2 {
  template <class T>
  static T one(T y, T x) noexcept {
    return std::atan2(y, x);
  }
  template <class B>
  static VARVE_INLINE B many(B y, B x) noexcept {
    return xsimd::atan2(y, x);
  }
  // Two zeros and two infinities: the quotient is NaN although neither operand is.
  template <class B>
  static VARVE_INLINE auto is_odd(B y, B x) noexcept {
    const B quotient = y / x;
    return !(quotient == quotient) && y == y && x == x;
  }
};

}  // namespace

void fill_arc(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  add_unary_math<Asin>(table[asin]);
  add_unary_math<Acos>(table[acos]);
  add_unary_math<Atan>(table[atan]);
  add_binary_math<Atan2>(table[atan2]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
