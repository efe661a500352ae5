#pragma once

#include "kernels/elementwise.hpp"
#include "kernels/isa.hpp"

namespace varve::kernels {

/// The kernel of one operation for each compute dtype; null where there is none.
struct ElementwiseRow {
  VectorFunction by_dtype[kDTypeCount] = {};
};

struct ElementwiseTable {
  ElementwiseRow rows[kElementwiseOpCount];
  [[nodiscard]] VARVE_INLINE ElementwiseRow& operator[](ElementwiseOp op) noexcept {
    return rows[static_cast<int>(op)];
  }
};

/// Returns the kernels of one level (which must be able to run, if they are to be called).
[[nodiscard]] const ElementwiseTable& elementwise_table(InstructionSet level) noexcept;

}  // namespace varve::kernels
