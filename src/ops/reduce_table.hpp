#pragma once

#include <optional>
#include <string_view>

#include "kernels/reduce.hpp"

namespace varve::ops {

/// Is one row of the reduction table. Input is always streamed, piece by piece, into an accumulator.
struct ReduceRow {
  kernels::ReduceOp op;
  std::string_view name;
  bool needs_elements;  ///< has no result for nothing (min, max, arg*)
  /// What a nan-skipping form does to dtypes without NaN; the plain form itself otherwise.
  std::optional<kernels::ReduceOp> plain;
  bool rounds_to_half = true;  ///< float16 input gives float16 (not: counts, positions, predicates)
  bool needs_numbers = false;  ///< has no result, and a run fails, where there is nothing but NaN
};

[[nodiscard]] const ReduceRow& reduce_row(kernels::ReduceOp op) noexcept;

}  // namespace varve::ops
