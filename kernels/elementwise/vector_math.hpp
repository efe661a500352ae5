#pragma once

#include <cmath>
#include <xsimd/xsimd.hpp>

#include "kernels/elementwise/loops.hpp"

/// Loops of vector mathematics. An operation gives two functions of one element or batch:
///
///     struct Exp {
///       template <class T> static T one(T x) noexcept;      // the standard library
///       template <class B> static B many(B x) noexcept;     // xsimd
///       // Optional: the lanes where `many` is wrong; `one` does these.
///       template <class B> static auto is_odd(B x) noexcept;
///     };
///
/// A value's bits must not depend on where it lies. So `many` has to treat its lanes independently (xsimd's
/// sin, cos and tan do not: they choose a reduction for the whole batch), and the last, incomplete batch is
/// padded, not done by `one`.
///
/// For NaN write !(x == x): xsimd 8.1 compares != as "ordered", which is false for NaN.
///
/// v4 uses the batches of v3: the same bits, and no reliance on xsimd's AVX-512.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

#if defined(__FMA__) && defined(__AVX2__)
template <class T>
using Batch = xsimd::batch<T, xsimd::fma3<xsimd::avx2>>;
#define VARVE_HAS_BATCHES 1
#elif defined(__SSE4_2__)
template <class T>
using Batch = xsimd::batch<T, xsimd::sse4_2>;
#define VARVE_HAS_BATCHES 1
#elif !defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
template <class T>
using Batch = xsimd::batch<T>;
#define VARVE_HAS_BATCHES 1
#endif

#if defined(VARVE_HAS_BATCHES)

template <class T>
inline constexpr std::int64_t kBatch = static_cast<std::int64_t>(Batch<T>::size);

template <class Op, class T, class... Batches>
VARVE_INLINE void compute_odd_lanes(T* out, Batches... operands) noexcept {
  const auto odd = Op::is_odd(operands...);
  if (__builtin_expect(!xsimd::any(odd), 1)) return;
  bool is_odd[kBatch<T>];
  odd.store_unaligned(is_odd);
  T values[sizeof...(operands)][kBatch<T>];
  std::int64_t next = 0;
  (operands.store_unaligned(values[next++]), ...);
  for (std::int64_t lane = 0; lane < kBatch<T>; ++lane) {
    if (!is_odd[lane]) continue;
    if constexpr (sizeof...(operands) == 1) {
      out[lane] = Op::one(values[0][lane]);
    } else {
      out[lane] = Op::one(values[0][lane], values[1][lane]);
    }
  }
}

template <class Op, class T, class... Operands>
VARVE_INLINE void compute_batch(T* out, const Operands*... operands) noexcept {
  const auto compute = [out](auto... values) __attribute__((always_inline)) {
    Op::many(values...).store_unaligned(out);
    if constexpr (requires { Op::is_odd(values...); }) compute_odd_lanes<Op>(out, values...);
  };
  compute(Batch<T>::load_unaligned(operands)...);  // loads first: out may be an operand
}

/// Copies the rest of a vector, at most one batch, and fills up with its first value.
template <class T>
VARVE_INLINE void load_padded(const T* x, std::int64_t count, std::int64_t step, T* padded) noexcept {
  for (std::int64_t lane = 0; lane < kBatch<T>; ++lane) padded[lane] = x[lane < count ? lane * step : 0];
}

template <class Op, class T>
void unary_math_kernel(const void* const* inputs, void* output, std::int64_t n,
                       unsigned scalar_mask) noexcept {
  if (n <= 0) return;
  const T* x = static_cast<const T*>(inputs[0]);
  T* out = static_cast<T*>(output);
  T padded[kBatch<T>];
  if (scalar_mask & 1u) {
    load_padded(x, 1, 0, padded);
    compute_batch<Op>(padded, padded);
    for (std::int64_t i = 0; i < n; ++i) out[i] = padded[0];
    return;
  }
  std::int64_t i = 0;
  for (; i + kBatch<T> <= n; i += kBatch<T>) compute_batch<Op>(out + i, x + i);
  if (i == n) return;
  load_padded(x + i, n - i, 1, padded);
  compute_batch<Op>(padded, padded);
  for (std::int64_t lane = 0; i + lane < n; ++lane) out[i + lane] = padded[lane];
}

template <class Op, class T>
void binary_math_kernel(const void* const* inputs, void* output, std::int64_t n,
                        unsigned scalar_mask) noexcept {
  if (n <= 0) return;
  const T* x = static_cast<const T*>(inputs[0]);
  const T* y = static_cast<const T*>(inputs[1]);
  T* out = static_cast<T*>(output);
  const std::int64_t x_step = scalar_mask & 1u ? 0 : 1;
  const std::int64_t y_step = scalar_mask & 2u ? 0 : 1;
  T left[kBatch<T>];
  T right[kBatch<T>];
  load_padded(x, 1, 0, left);  // stays as it is where the operand is a scalar
  load_padded(y, 1, 0, right);
  std::int64_t i = 0;
  for (; i + kBatch<T> <= n; i += kBatch<T>) {
    compute_batch<Op>(out + i, x_step ? x + i : left, y_step ? y + i : right);
  }
  if (i == n) return;
  if (x_step) load_padded(x + i, n - i, 1, left);
  if (y_step) load_padded(y + i, n - i, 1, right);
  compute_batch<Op>(left, left, right);
  for (std::int64_t lane = 0; i + lane < n; ++lane) out[i + lane] = left[lane];
}

#else

// Without SIMD batches: the standard library, element by element.
template <class Op>
struct OneByOne {
  template <class... T>
  static VARVE_INLINE auto eval(T... x) noexcept {
    return Op::one(x...);
  }
};
template <class Op, class T>
void unary_math_kernel(const void* const* inputs, void* output, std::int64_t n,
                       unsigned scalar_mask) noexcept {
  unary_kernel<OneByOne<Op>, T>(inputs, output, n, scalar_mask);
}
template <class Op, class T>
void binary_math_kernel(const void* const* inputs, void* output, std::int64_t n,
                        unsigned scalar_mask) noexcept {
  binary_kernel<OneByOne<Op>, T>(inputs, output, n, scalar_mask);
}

#endif

template <class Op>
VARVE_INLINE void add_unary_math(ElementwiseRow& row) noexcept {
  row.by_dtype[static_cast<int>(DType::float32)] = &unary_math_kernel<Op, float>;
  row.by_dtype[static_cast<int>(DType::float64)] = &unary_math_kernel<Op, double>;
}
template <class Op>
VARVE_INLINE void add_binary_math(ElementwiseRow& row) noexcept {
  row.by_dtype[static_cast<int>(DType::float32)] = &binary_math_kernel<Op, float>;
  row.by_dtype[static_cast<int>(DType::float64)] = &binary_math_kernel<Op, double>;
}

// Defines an operation that xsimd and the standard library name alike.
#define VARVE_SAME_NAME(Name, function)        \
  struct Name {                                \
    template <class T>                         \
    static T one(T x) noexcept {               \
      return std::function(x);                 \
    }                                          \
    template <class B>                         \
    static VARVE_INLINE B many(B x) noexcept { \
      return xsimd::function(x);               \
    }                                          \
  };

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
