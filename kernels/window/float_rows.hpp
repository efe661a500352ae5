#pragma once

#include "kernels/cast/convert.hpp"

/// Rows of float64 in which windows are added up. Plain loops: GCC converts whole vectors there, where it takes vector
/// types apart. Only *.isa.cpp include this file.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// Fit into 32 bits with a sign, through which instructions convert; others convert one by one.
template <class T>
inline constexpr bool kFitsInt = std::is_integral_v<T> && (sizeof(T) < 4 || std::is_same_v<T, std::int32_t>);

template <class T>
VARVE_INLINE const T* elements(const std::byte* bytes) noexcept {
  return reinterpret_cast<const T*>(bytes);
}

template <class T>
VARVE_INLINE void widen(const T* from, std::int64_t n, double* to) noexcept {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<double>(from[i]);
}

// As Cast<T> does.
template <class T>
VARVE_INLINE void narrow(const double* from, std::int64_t n, T* to) noexcept {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (kFitsInt<T>) {
      constexpr auto kLow = static_cast<double>(std::numeric_limits<T>::min());
      constexpr auto kHigh = static_cast<double>(std::numeric_limits<T>::max());
      double value = from[i];
      value = value == value ? value : 0;
      value = value > kLow ? value : kLow;
      value = value < kHigh ? value : kHigh;
      to[i] = static_cast<T>(static_cast<std::int32_t>(value));
    } else {
      to[i] = Cast<T>::eval(from[i]);
    }
  }
}

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
