#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "io/dataset.hpp"

namespace varve::test {

/// Copies the elements of `box` (array coordinates) from a decoded chunk to a dense array, one by one.
inline void place_chunk(const io::DatasetInfo& info, const Box& box, const std::vector<std::byte>& chunk,
                        std::vector<std::byte>& array) {
  const auto bytes = static_cast<std::size_t>(size_bytes(info.dtype));
  const Shape extents = box.shape();
  const ByteStrides strides = c_order_strides(info.shape, size_bytes(info.dtype));
  Index index(box.ndim(), 0);
  do {
    std::int64_t from = 0;
    std::int64_t to = 0;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      from += index[axis] * info.chunk_strides[axis];
      to += (box.lo[axis] + index[axis]) * strides[axis];
    }
    std::memcpy(array.data() + to, chunk.data() + from, bytes);
  } while (next_index(index, extents));
}

/// Calls `visit(chunk)` for every chunk of the grid.
template <class Visit>
void for_each_chunk(const ChunkGrid& grid, const Visit& visit) {
  const Shape counts = grid.counts();
  if (element_count(counts) == 0) return;
  ChunkIndex chunk(grid.ndim(), 0);
  do {
    visit(chunk);
  } while (next_index(chunk, counts));
}

/// Reads a whole dataset chunk by chunk into a dense C-order array.
inline std::vector<std::byte> read_all(const io::Dataset& dataset) {
  const io::DatasetInfo& info = dataset.info();
  const auto array_bytes = static_cast<std::size_t>(element_count(info.shape) * size_bytes(info.dtype));
  std::vector<std::byte> array(array_bytes);
  std::vector<std::byte> chunk(static_cast<std::size_t>(info.chunk_bytes()));
  std::vector<std::byte> workspace(static_cast<std::size_t>(info.read_workspace_bytes));
  for_each_chunk(info.grid, [&](const ChunkIndex& index) {
    dataset.prefetch(index);
    dataset.read_chunk(index, chunk, workspace);
    place_chunk(info, info.grid.box_of(index), chunk, array);
  });
  return array;
}

/// Reads a whole dataset through `read_part`, each chunk in two unequal parts along its last axis.
inline std::vector<std::byte> read_by_parts(const io::Dataset& dataset) {
  const io::DatasetInfo& info = dataset.info();
  const auto array_bytes = static_cast<std::size_t>(element_count(info.shape) * size_bytes(info.dtype));
  std::vector<std::byte> array(array_bytes);
  const StridedView view(array.data(), info.dtype, info.shape);
  std::vector<std::byte> workspace(static_cast<std::size_t>(info.read_workspace_bytes));
  for_each_chunk(info.grid, [&](const ChunkIndex& index) {
    const Box whole = info.grid.box_of(index);
    Box left = whole;
    Box right = whole;
    if (whole.ndim() > 0) {
      left.hi.back() = right.lo.back() = whole.lo.back() + (whole.extent(whole.ndim() - 1) + 2) / 3;
    } else {
      dataset.read_part(index, whole, view, workspace);
      return;
    }
    if (!left.empty()) dataset.read_part(index, left, view.sub(left), workspace);
    if (!right.empty()) dataset.read_part(index, right, view.sub(right), workspace);
  });
  return array;
}

}  // namespace varve::test
