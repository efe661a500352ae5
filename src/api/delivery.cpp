#include "varve/delivery.hpp"

#include <mutex>
#include <utility>

#include "api/block_writer.hpp"
#include "expr/walk.hpp"
#include "kernels/copy.hpp"
#include "varve/core/error.hpp"

namespace varve {

namespace api {

std::int64_t BlockWriter::write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                                      std::span<std::byte> /*workspace*/) {
  const Box place = grid_.box_of(chunk);
  ConstStridedView values(bytes.data(), dtype_, grid_.chunks());
  values.shape = place.shape();
  sink_(values, place);
  return 0;
}

}  // namespace api

void for_each_block(const Array& x, const BlockSink& visit, const BlockOptions& options) {
  for_each_block(Runtime::current(), x, visit, options);
}

void for_each_block(Runtime& runtime, const Array& x, const BlockSink& visit, const BlockOptions& options) {
  std::mutex one_at_a_time;
  bool is_ending = false;  // tiles that are under way end after the one whose visit threw
  Output output{x};
  output.options.chunks = options.chunks;
  output.sink = [&](const ConstStridedView& values, const Box& place) {
    const std::lock_guard lock(one_at_a_time);
    if (std::exchange(is_ending, true)) return;
    visit(values, place);
    is_ending = false;
  };
  run(runtime, {output});
}

namespace {

struct ByteRange {
  const std::byte* first = nullptr;
  const std::byte* last = nullptr;  ///< one past the end; equal to `first` where there are no elements
};

template <class Byte>
ByteRange range_of(const BasicView<Byte>& view) {
  ByteRange range{view.data, view.data};
  if (element_count(view.shape) == 0) return range;
  range.last += size_bytes(view.dtype);
  for (std::int64_t axis = 0; axis < view.ndim(); ++axis) {
    const std::int64_t span = (view.shape[axis] - 1) * view.byte_strides[axis];
    (span < 0 ? range.first : range.last) += span;
  }
  return range;
}

// Tiles would read what others have written already.
void require_reads_other_memory(const Array& x, const StridedView& target) {
  const ByteRange written = range_of(target);
  expr::walk_inputs_first(*x.node(), [&](const expr::Node& node) {
    const auto* memory = node.as<expr::MemorySource>();
    if (memory == nullptr) return;
    const ByteRange read = range_of(memory->view);
    if (read.first < written.last && written.first < read.last && written.first != written.last)
      throw ArgumentError(
          "compute_into: the array reads the memory that it is computed into; compute into other memory, "
          "then copy");
  });
}

}  // namespace

void compute_into(const Array& x, const StridedView& target) { compute_into(Runtime::current(), x, target); }

void compute_into(Runtime& runtime, const Array& x, const StridedView& target) {
  if (!(target.shape == x.shape()))
    throw ShapeError("compute_into: the memory has shape " + to_string(target.shape) + ", the array " +
                     to_string(x.shape()) + "; give memory of the array's shape");
  if (target.dtype != x.dtype())
    throw DTypeError("compute_into: the memory is " + std::string(name_of(target.dtype)) + ", the array " +
                     std::string(name_of(x.dtype())) + "; cast it with astype first");
  require_reads_other_memory(x, target);
  Output output{x};
  output.sink = [&](const ConstStridedView& values, const Box& place) {
    kernels::copy(values, target.sub(place));
  };
  run(runtime, {output});
}

}  // namespace varve
