#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "kernels/reduce.hpp"

namespace varve::ops {

/// Says which arguments a reduction takes beside axes and `keepdims`.
enum class ReduceForm : std::uint8_t {
  plain,     ///< none
  total,     ///< the dtype of the result
  average,   ///< the dtype to compute in, floating or complex
  spread,    ///< as average, and what is subtracted from the number of elements
  position,  ///< none, and one axis or all
};

/// One row of the reduction table. Input is always streamed, piece by piece, into an accumulator. Each row
/// is a public function.
struct ReduceRow {
  kernels::ReduceOp op;
  std::string_view name;
  ReduceForm form;
  std::string_view summary;  ///< what it gives, in one line
  std::string_view aliases;  ///< other names that NumPy has: "amin"
  bool needs_elements;       ///< has no result for nothing (min, max, arg*)
  /// What a nan-skipping form does to dtypes without NaN; the plain form itself otherwise.
  std::optional<kernels::ReduceOp> plain;
  bool rounds_to_half = true;  ///< float16 input gives float16 (not: counts, positions, predicates)
  bool needs_numbers = false;  ///< has no result, and a run fails, where there is nothing but NaN
};

/// Returns all rows, in the order of the enumeration.
[[nodiscard]] std::span<const ReduceRow> reduce_rows() noexcept;

/// Returns the row of an operation.
[[nodiscard]] const ReduceRow& reduce_row(kernels::ReduceOp op) noexcept;

}  // namespace varve::ops
