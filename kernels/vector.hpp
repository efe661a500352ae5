#pragma once

#include <cstdint>

#include "varve/core/dtype.hpp"

namespace varve::kernels {

/// The number of elements that a fused program works on at a time. A register of float64 is then 16 KiB,
/// so a handful of them stays in L1/L2. It also fixes where rows are cut in reductions: changing it changes
/// result bits.
inline constexpr std::int64_t kVectorElements = 2048;

/// Computes `n` elements of an elementwise operation.
///
/// Operand i is dense, of the kernel's input dtype; if bit i of `scalar_mask` is set it is one element, used
/// for all. `output` is dense, of the kernel's output dtype, and may be the same memory as an operand of
/// equal element size (never partly overlapping). Alignment: that of the element type. Bool is one byte, 0 or
/// 1.
using VectorFunction = void (*)(const void* const* inputs, void* output, std::int64_t n,
                                unsigned scalar_mask) noexcept;

}  // namespace varve::kernels
