#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/reduce/table.hpp"

/// Makes a lambda always inline; stands between its parameters and its body.
#define VARVE_LAMBDA __attribute__((always_inline))

// The element types of reductions. Only *.isa.cpp include this header (see kernels/isa.hpp).

namespace varve::kernels::VARVE_ISA_NAMESPACE {

/// The state of a complex reduction whose two parts depend on each other. Where they do not, complex
/// arrays are treated as real ones of twice the length.
struct Complex {
  double re;
  double im;
};

/// Calls `function(T{}, dtype)` for bool (as the bytes 0 and 1) and every integer dtype.
template <class Function>
VARVE_INLINE void for_each_integer(const Function& function) noexcept {
  function(std::uint8_t{}, DType::boolean);
  function(std::int8_t{}, DType::int8);
  function(std::int16_t{}, DType::int16);
  function(std::int32_t{}, DType::int32);
  function(std::int64_t{}, DType::int64);
  function(std::uint8_t{}, DType::uint8);
  function(std::uint16_t{}, DType::uint16);
  function(std::uint32_t{}, DType::uint32);
  function(std::uint64_t{}, DType::uint64);
}

template <class Function>
VARVE_INLINE void for_each_floating(const Function& function) noexcept {
  function(float{}, DType::float32);
  function(double{}, DType::float64);
}

/// Passes the type of the real and imaginary parts.
template <class Function>
VARVE_INLINE void for_each_complex(const Function& function) noexcept {
  function(float{}, DType::complex64);
  function(double{}, DType::complex128);
}

/// The dtype in which sums and products of integers come out; the bits of the two are the same.
[[nodiscard]] VARVE_INLINE DType wide_integer(DType dtype) noexcept {
  return kind_of(dtype) == DTypeKind::unsigned_integer ? DType::uint64 : DType::int64;
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
