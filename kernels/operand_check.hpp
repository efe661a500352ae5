#pragma once

#include "kernels/elementwise.hpp"

namespace varve::kernels {

/// Tells whether n operand elements, laid out as a VectorFunction takes them, hold a value that an operation
/// is not defined for.
using OperandCheck = bool (*)(const void* const* inputs, std::int64_t n, unsigned scalar_mask) noexcept;

/// Returns the check that operands need before a kernel runs, which cannot fail itself; null for all but
/// `pow` of signed integers, whose exponents must not be negative.
[[nodiscard]] OperandCheck find_operand_check(ElementwiseOp op, DType compute_dtype) noexcept;

}  // namespace varve::kernels
