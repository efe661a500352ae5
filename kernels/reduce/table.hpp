#pragma once

#include "kernels/isa.hpp"
#include "kernels/reduce.hpp"

namespace varve::kernels {

/// Holds the kernel of each reduction for each input dtype; `plane_count` 0 where there is none.
struct ReduceTable {
  ReduceKernel rows[kReduceOpCount][kDTypeCount];

  [[nodiscard]] VARVE_INLINE ReduceKernel& at(ReduceOp op, DType dtype) noexcept {
    return rows[static_cast<int>(op)][static_cast<int>(dtype)];
  }
};

/// Returns the kernels of one level (which must be able to run, if they are to be called).
[[nodiscard]] const ReduceTable& reduce_table(InstructionSet level) noexcept;

}  // namespace varve::kernels
