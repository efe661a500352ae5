#pragma once

#include <type_traits>

#include "kernels/elementwise/table.hpp"

/// The loops of elementwise kernels over functors of one element. Only *.isa.cpp include this file.
///
/// A functor is a struct with `template <class T> static VARVE_INLINE R eval(T...) noexcept`. Loops are
/// marked `ivdep` rather than their pointers `restrict`: output may be an operand's own memory, and element i
/// depends on element i alone, so there is no dependency between iterations for the compiler to look for at
/// run time.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class Op, class T>
void unary_kernel(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  using Out = decltype(Op::eval(T{}));
  const T* x = static_cast<const T*>(inputs[0]);
  Out* out = static_cast<Out*>(output);
  if (scalar_mask & 1u) {
    if (n <= 0) return;
    const Out value = Op::eval(x[0]);
    for (std::int64_t i = 0; i < n; ++i) out[i] = value;
    return;
  }
  VARVE_VECTOR_LOOP
  for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x[i]);
}

template <class Op, class T>
void binary_kernel(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  using Out = decltype(Op::eval(T{}, T{}));
  if (n <= 0) return;
  const T* x = static_cast<const T*>(inputs[0]);
  const T* y = static_cast<const T*>(inputs[1]);
  Out* out = static_cast<Out*>(output);
  const T x0 = x[0];
  const T y0 = y[0];
  switch (scalar_mask & 3u) {
    case 0:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x[i], y[i]);
      return;
    case 1:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x0, y[i]);
      return;
    case 2:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x[i], y0);
      return;
    default: {
      const Out value = Op::eval(x0, y0);
      for (std::int64_t i = 0; i < n; ++i) out[i] = value;
    }
  }
}

/// Loads operand elements through a step of 0 (one value for all) or 1.
template <class T>
struct Operand {
  const T* values;
  std::int64_t step;
  VARVE_INLINE Operand(const void* memory, unsigned scalar_mask, int operand) noexcept
      : values(static_cast<const T*>(memory)), step((scalar_mask >> operand) & 1u ? 0 : 1) {}
  VARVE_INLINE T operator[](std::int64_t i) const noexcept { return values[i * step]; }
};

/// Loops for operations of three operands whose usual form is a vector with two scalars (clip).
template <class Op, class T>
void ternary_kernel(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  if (n <= 0) return;
  const Operand<T> x(inputs[0], scalar_mask, 0);
  const Operand<T> y(inputs[1], scalar_mask, 1);
  const Operand<T> z(inputs[2], scalar_mask, 2);
  T* out = static_cast<T*>(output);
  if ((scalar_mask & 7u) == 6u) {
    const T y0 = y[0];
    const T z0 = z[0];
    VARVE_VECTOR_LOOP
    for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x.values[i], y0, z0);
  } else if ((scalar_mask & 7u) == 0u) {
    VARVE_VECTOR_LOOP
    for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x.values[i], y.values[i], z.values[i]);
  } else {
    VARVE_VECTOR_LOOP
    for (std::int64_t i = 0; i < n; ++i) out[i] = Op::eval(x[i], y[i], z[i]);
  }
}

/// Enters one kernel per type into the row of an operation.
template <class Op, class... Types>
VARVE_INLINE void add_unary(ElementwiseRow& row) noexcept {
  ((row.by_dtype[static_cast<int>(dtype_of<Types>())] = &unary_kernel<Op, Types>), ...);
}
template <class Op, class... Types>
VARVE_INLINE void add_binary(ElementwiseRow& row) noexcept {
  ((row.by_dtype[static_cast<int>(dtype_of<Types>())] = &binary_kernel<Op, Types>), ...);
}
template <class Op, class... Types>
VARVE_INLINE void add_ternary(ElementwiseRow& row) noexcept {
  ((row.by_dtype[static_cast<int>(dtype_of<Types>())] = &ternary_kernel<Op, Types>), ...);
}

template <class Op>
VARVE_INLINE void add_unary_integers(ElementwiseRow& row) noexcept {
  add_unary<Op, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
            std::uint32_t, std::uint64_t>(row);
}
template <class Op>
VARVE_INLINE void add_binary_integers(ElementwiseRow& row) noexcept {
  add_binary<Op, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
             std::uint32_t, std::uint64_t>(row);
}

/// An unsigned type of at least the width of `int`, in which integer arithmetic wraps without undefined
/// behaviour (uint16 * uint16 would be computed in int and overflow).
template <class T>
using Wrapping = std::conditional_t<(sizeof(T) < sizeof(unsigned)), unsigned, std::make_unsigned_t<T>>;

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
