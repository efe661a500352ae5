#include "kernels/copy.hpp"

#include <cstdlib>
#include <cstring>

#include "kernels/copy/block.hpp"
#include "kernels/copy/loop_nest.hpp"

namespace varve::kernels {
namespace {

/// Finds the loop along which the source moves least, if that is another one than the innermost; -1
/// otherwise.
std::int64_t find_transposed_loop(const LoopNest& nest) noexcept {
  std::int64_t best = nest.depth - 1;
  if (nest.loops[best].source_stride == 0) return -1;
  for (std::int64_t i = nest.depth - 2; i >= 0; --i) {
    const std::int64_t stride = std::abs(nest.loops[i].source_stride);
    if (stride != 0 && stride < std::abs(nest.loops[best].source_stride)) best = i;
  }
  return best == nest.depth - 1 ? -1 : best;
}

CopyBlock block_of(const CopyLoop& rows, const CopyLoop& columns) noexcept {
  return {rows.extent,           columns.extent,     rows.source_stride,
          columns.source_stride, rows.target_stride, columns.target_stride};
}

/// Calls `function` for every turn of the loops of the nest, all of which lie outside the block.
void for_each_turn(const LoopNest& nest, const CopyBlock& block, BlockFunction function) noexcept {
  const std::byte* source = nest.source;
  std::byte* target = nest.target;
  std::int64_t turns[kMaxNdim];
  for (std::int64_t i = 0; i < nest.depth; ++i) turns[i] = 0;
  while (true) {
    function(block, source, target);
    std::int64_t level = nest.depth - 1;
    for (; level >= 0; --level) {
      const CopyLoop& loop = nest.loops[level];
      source += loop.source_stride;
      target += loop.target_stride;
      if (++turns[level] < loop.extent) break;
      source -= loop.extent * loop.source_stride;
      target -= loop.extent * loop.target_stride;
      turns[level] = 0;
    }
    if (level < 0) return;
  }
}

void run(LoopNest& nest) noexcept {
  nest.normalize();
  if (nest.empty) return;
  const std::int64_t element_bytes = nest.element_bytes;
  const CopyLoop once = {1, element_bytes, element_bytes};
  if (nest.depth == 0) {
    const CopyBlock element = block_of(once, once);
    return find_block_function(element, element_bytes)(element, nest.source, nest.target);
  }
  const std::int64_t transposed = find_transposed_loop(nest);
  const CopyLoop columns = nest.take(nest.depth - 1);
  if (transposed >= 0) {
    const CopyBlock block = block_of(nest.take(transposed), columns);
    return for_each_turn(nest, block, find_transpose(element_bytes));
  }
  const CopyBlock block = block_of(nest.depth > 0 ? nest.take(nest.depth - 1) : once, columns);
  for_each_turn(nest, block, find_block_function(block, element_bytes));
}

}  // namespace

void copy(const ConstStridedView& source, const StridedView& target) noexcept {
  LoopNest nest;
  nest.source = source.data;
  nest.target = target.data;
  nest.element_bytes = size_bytes(source.dtype);
  for (std::int64_t axis = 0; axis < source.ndim(); ++axis) {
    nest.add(source.shape[axis], source.byte_strides[axis], target.byte_strides[axis]);
  }
  run(nest);
}

void gather_block(const std::byte* source, std::int64_t row_stride, std::int64_t column_stride,
                  std::int64_t rows, std::int64_t columns, std::int64_t element_bytes,
                  std::byte* target) noexcept {
  LoopNest nest;
  nest.source = source;
  nest.target = target;
  nest.element_bytes = element_bytes;
  nest.add(rows, row_stride, columns * element_bytes);
  nest.add(columns, column_stride, element_bytes);
  run(nest);
}

void scatter_block(const std::byte* source, std::int64_t rows, std::int64_t columns,
                   std::int64_t element_bytes, std::byte* target, std::int64_t row_stride,
                   std::int64_t column_stride) noexcept {
  LoopNest nest;
  nest.source = source;
  nest.target = target;
  nest.element_bytes = element_bytes;
  nest.add(rows, columns * element_bytes, row_stride);
  nest.add(columns, element_bytes, column_stride);
  run(nest);
}

void fill(const std::byte* element, const StridedView& target) noexcept {
  LoopNest nest;
  nest.source = element;
  nest.target = target.data;
  nest.element_bytes = size_bytes(target.dtype);
  for (std::int64_t axis = 0; axis < target.ndim(); ++axis)
    nest.add(target.shape[axis], 0, target.byte_strides[axis]);
  run(nest);
}

}  // namespace varve::kernels
