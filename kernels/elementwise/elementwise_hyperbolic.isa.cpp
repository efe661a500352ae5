#include <cmath>

#include "kernels/elementwise/vector_math.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

VARVE_SAME_NAME(Sinh, sinh)
VARVE_SAME_NAME(Cosh, cosh)
VARVE_SAME_NAME(Tanh, tanh)
VARVE_SAME_NAME(Asinh, asinh)
VARVE_SAME_NAME(Atanh, atanh)

struct Acosh {
  template <class T>
  static T one(T x) noexcept {
    return std::acosh(x);
  }
  template <class B>
  static VARVE_INLINE B many(B x) noexcept {
    return xsimd::acosh(x);
  }
  template <class B>
  static VARVE_INLINE auto is_odd(B x) noexcept {
    return x < B(1);  // outside the domain, xsimd does not always give NaN
  }
};

}  // namespace

void fill_hyperbolic(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  add_unary_math<Sinh>(table[sinh]);
  add_unary_math<Cosh>(table[cosh]);
  add_unary_math<Tanh>(table[tanh]);
  add_unary_math<Asinh>(table[asinh]);
  add_unary_math<Acosh>(table[acosh]);
  add_unary_math<Atanh>(table[atanh]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
