#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "io/dataset.hpp"

namespace varve::test {

/// Returns the address of an element in dense C-order memory of that shape.
inline std::int64_t c_order_offset(const Index& index, const Shape& shape, std::int64_t element_bytes) {
  std::int64_t offset = 0;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) offset = offset * shape[axis] + index[axis];
  return offset * element_bytes;
}

/// Reads a whole dataset chunk by chunk into dense C-order bytes.
inline std::vector<std::byte> read_whole(const io::Dataset& dataset) {
  const io::DatasetInfo& info = dataset.info();
  const std::int64_t size = size_bytes(info.dtype);
  std::vector<std::byte> out(static_cast<std::size_t>(element_count(info.shape) * size));
  std::vector<std::byte> chunk_bytes(static_cast<std::size_t>(info.chunk_bytes()));
  std::vector<std::byte> workspace(static_cast<std::size_t>(info.read_workspace_bytes));
  if (element_count(info.shape) == 0) return out;
  ChunkIndex chunk(info.shape.size(), 0);
  do {
    dataset.read_chunk(chunk, chunk_bytes, workspace);
    const Box box = info.grid.box_of(chunk);
    // Rows that are dense in the chunk too are copied at once.
    Shape steps = box.shape();
    std::int64_t row_bytes = size;
    if (!steps.empty() && info.chunk_strides.back() == size) {
      row_bytes *= steps.back();
      steps.back() = 1;
    }
    Index inside(info.shape.size(), 0);
    do {
      std::int64_t from = 0;
      Index global = inside;
      for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
        from += inside[axis] * info.chunk_strides[axis];
        global[axis] += box.lo[axis];
      }
      std::memcpy(out.data() + c_order_offset(global, info.shape, size), chunk_bytes.data() + from,
                  static_cast<std::size_t>(row_bytes));
    } while (next_index(inside, steps));
  } while (next_index(chunk, info.grid.counts()));
  return out;
}

/// Reads a box that may span chunks with `read_part`, into dense C-order bytes.
inline std::vector<std::byte> read_parts(const io::Dataset& dataset, const Box& box) {
  const io::DatasetInfo& info = dataset.info();
  std::vector<std::byte> out(static_cast<std::size_t>(element_count(box.shape()) * size_bytes(info.dtype)));
  std::vector<std::byte> workspace(static_cast<std::size_t>(info.read_workspace_bytes));
  const StridedView view(out.data(), info.dtype, box.shape());
  const Box chunks = info.grid.chunks_touching(box);
  Index step(box.ndim(), 0);
  do {
    ChunkIndex chunk(box.ndim(), 0);
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) chunk[axis] = chunks.lo[axis] + step[axis];
    const Box part = intersect(box, info.grid.box_of(chunk));
    dataset.read_part(chunk, part, view.sub(relative_to(part, box.lo)), workspace);
  } while (next_index(step, chunks.shape()));
  return out;
}

}  // namespace varve::test
