#pragma once

#include <cstddef>
#include <cstdint>

namespace varve::kernels {

/// A 2-D copy: rows and columns, each with a byte stride on both sides.
struct CopyBlock {
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t source_row_stride = 0;
  std::int64_t source_column_stride = 0;
  std::int64_t target_row_stride = 0;
  std::int64_t target_column_stride = 0;
};

/// Copies one block whose corners are at `source` and `target`.
using BlockFunction = void (*)(const CopyBlock& block, const std::byte* source, std::byte* target) noexcept;

/// Returns the fastest function for blocks with these strides and elements of 1, 2, 4, 8 or 16 bytes. The
/// function may be used for any extents.
[[nodiscard]] BlockFunction find_block_function(const CopyBlock& block, std::int64_t element_bytes) noexcept;

/// Returns the function for blocks in which the source steps less from row to row than from column to column:
/// it goes tile by tile, and fastest where the source is dense along the rows and the target along the
/// columns.
[[nodiscard]] BlockFunction find_transpose(std::int64_t element_bytes) noexcept;

}  // namespace varve::kernels
