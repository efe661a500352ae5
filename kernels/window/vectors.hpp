#pragma once

#include "kernels/cast/convert.hpp"

/// The vectors of float64 in which windows are added up. Only *.isa.cpp include this file.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 8;
#elif defined(__AVX__)
constexpr int kLanes = 4;
#else
constexpr int kLanes = 2;
#endif
// Vectors of sums that stay in registers while the taps pass by: enough to hide the latency of additions.
constexpr int kVectors = 4;
constexpr std::int64_t kBlock = kVectors * kLanes;

// Written with vector types: GCC keeps an array of sums in registers only one by one.
typedef double Doubles __attribute__((vector_size(kLanes * sizeof(double))));

// Fit into 32 bits with a sign, through which instructions convert; others convert one by one.
template <class T>
inline constexpr bool kFitsInt = std::is_integral_v<T> && (sizeof(T) < 4 || std::is_same_v<T, std::int32_t>);

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
