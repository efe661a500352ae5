#pragma once

#include "kernels/elementwise.hpp"
#include "kernels/isa.hpp"

namespace varve::kernels {

/// The conversion kernels of all ordered pairs of dtypes.
struct CastTable {
  VectorFunction kernels[kDTypeCount][kDTypeCount] = {};
};

/// Returns the conversions of one level (which must be able to run, if they are to be called).
[[nodiscard]] const CastTable& cast_table(InstructionSet level) noexcept;

}  // namespace varve::kernels
