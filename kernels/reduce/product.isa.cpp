#include "kernels/reduce/fold.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T>
struct IntegerProduct {
  using Input = T;
  using State = std::uint64_t;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 1;
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept { return static_cast<State>(x[i]); }
  static VARVE_INLINE State combine(State a, State b) noexcept { return a * b; }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    fold_in_order<IntegerProduct>(x, n, parts);
  }
};

/// Multiplies in float64; NaNs count as one if `kSkipsNan`.
template <class T, bool kSkipsNan>
struct FloatProduct {
  using Input = T;
  using State = double;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 1;
  template <class V>
  static VARVE_INLINE V filter(V value) noexcept {
    if constexpr (kSkipsNan) return value == value ? value : V{} + 1.0;
    return value;
  }
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept {
    return filter(static_cast<State>(x[i]));
  }
  template <class V>
  static VARVE_INLINE V combine(V a, V b) noexcept {
    return a * b;
  }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    fold_in_lanes<FloatProduct>(x, n, parts);
  }
};

/// Returns the product, rounded: GCC's vectoriser fuses the multiplications and additions of complex products
/// even where contraction is off, which would make the bits depend on the instruction set.
VARVE_INLINE double rounded(double product) noexcept {
#if defined(__x86_64__)
  asm("" : "+x"(product));
#else
  asm("" : "+m"(product));
#endif
  return product;
}

/// Multiplies complex numbers by the plain formula, as NumPy does: no recovery of infinities.
template <class T, bool kSkipsNan>
struct ComplexProduct {
  using Input = T;
  using State = Complex;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = {1, 0};
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept {
    const State value = {x[2 * i], x[2 * i + 1]};
    if (kSkipsNan && (value.re != value.re || value.im != value.im)) return kIdentity;
    return value;
  }
  static VARVE_INLINE State combine(State a, State b) noexcept {
    return {rounded(a.re * b.re) - rounded(a.im * b.im), rounded(a.re * b.im) + rounded(a.im * b.re)};
  }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    fold_in_scalar_lanes<ComplexProduct>(x, n, parts);
  }
};

}  // namespace

void fill_product(ReduceTable& table) noexcept {
  for_each_integer([&](auto type, DType dtype) {
    table.at(ReduceOp::prod, dtype) = Fold<IntegerProduct<decltype(type)>>::kernel(
        wide_integer(dtype), finish_value<std::uint64_t, std::uint64_t>);
  });
  for_each_floating([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::prod, dtype) = Fold<FloatProduct<T, false>>::kernel(dtype, finish_value<double, T>);
    table.at(ReduceOp::nanprod, dtype) = Fold<FloatProduct<T, true>>::kernel(dtype, finish_value<double, T>);
  });
  for_each_complex([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::prod, dtype) =
        Fold<ComplexProduct<T, false>>::kernel(dtype, finish_value<double, T, 2>);
    table.at(ReduceOp::nanprod, dtype) =
        Fold<ComplexProduct<T, true>>::kernel(dtype, finish_value<double, T, 2>);
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
