#include "kernels/elementwise/complex_pair.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// Integers are whole already. With SSE4.1, each of these is one instruction.
struct Floor {
  static VARVE_INLINE float eval(float x) noexcept { return __builtin_floorf(x); }
  static VARVE_INLINE double eval(double x) noexcept { return __builtin_floor(x); }
};

struct Ceil {
  static VARVE_INLINE float eval(float x) noexcept { return __builtin_ceilf(x); }
  static VARVE_INLINE double eval(double x) noexcept { return __builtin_ceil(x); }
};

struct Trunc {
  static VARVE_INLINE float eval(float x) noexcept { return __builtin_truncf(x); }
  static VARVE_INLINE double eval(double x) noexcept { return __builtin_trunc(x); }
};

// Half to even: the processor's default rounding mode, which nothing in Varve changes.
struct Round {
  static VARVE_INLINE float eval(float x) noexcept { return __builtin_nearbyintf(x); }
  static VARVE_INLINE double eval(double x) noexcept { return __builtin_nearbyint(x); }
  template <class T>
  static VARVE_INLINE Pair<T> eval(Pair<T> x) noexcept {
    return {eval(x.re), eval(x.im)};
  }
};

struct Whole {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    return x;
  }
};

struct Sqrt {
  static VARVE_INLINE float eval(float x) noexcept { return __builtin_sqrtf(x); }
  static VARVE_INLINE double eval(double x) noexcept { return __builtin_sqrt(x); }
};

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  add_unary_integers<Whole>(row);
  add_unary<Op, float, double>(row);
}

}  // namespace

void fill_round(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_row<Floor>(table[floor]);
  fill_row<Ceil>(table[ceil]);
  fill_row<Trunc>(table[trunc]);
  fill_row<Round>(table[round]);
  add_unary<Round, Complex64, Complex128>(table[round]);
  add_unary<Sqrt, float, double>(table[sqrt]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
