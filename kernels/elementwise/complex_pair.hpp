#pragma once

#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

/// Has the layout of std::complex<T>, without its operators: those repair infinities and NaNs after the fact,
/// which costs the vectorisation; NumPy computes the plain formulas, and so do these kernels.
template <class T>
struct Pair {
  T re;
  T im;
};
using Complex64 = Pair<float>;
using Complex128 = Pair<double>;

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

namespace varve {
template <>
constexpr DType dtype_of<kernels::VARVE_ISA_NAMESPACE::Complex64>() noexcept {
  return DType::complex64;
}
template <>
constexpr DType dtype_of<kernels::VARVE_ISA_NAMESPACE::Complex128>() noexcept {
  return DType::complex128;
}
}  // namespace varve
