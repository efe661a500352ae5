#pragma once

#include "kernels/vector.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::kernels {

/// Copies all elements of `source` to `target`: same shape and element size, any strides on both sides (zero
/// strides on the source broadcast). Dispatches on element size only. Merges axes, picks the loop order by
/// strides, and moves 2-D transposes block by block. The memories do not overlap.
void copy(const ConstStridedView& source, const StridedView& target) noexcept;

/// Gathers a 2-D block into dense memory: `rows` rows of `columns` elements of `element_bytes` (1, 2, 4, 8 or
/// 16).
void gather_block(const std::byte* source, std::int64_t row_stride, std::int64_t column_stride,
                  std::int64_t rows, std::int64_t columns, std::int64_t element_bytes,
                  std::byte* target) noexcept;

/// Scatters dense memory into a 2-D block; the reverse of `gather_block`.
void scatter_block(const std::byte* source, std::int64_t rows, std::int64_t columns,
                   std::int64_t element_bytes, std::byte* target, std::int64_t row_stride,
                   std::int64_t column_stride) noexcept;

/// Writes one element, given by its bytes, to every position of the view.
void fill(const std::byte* element, const StridedView& target) noexcept;

}  // namespace varve::kernels
