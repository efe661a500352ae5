#include "varve/delivery.hpp"

#include <mutex>
#include <utility>

#include "api/block_writer.hpp"
#include "kernels/copy.hpp"

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
  run({output});
}

void compute_into(const Array& x, const StridedView& target) {
  if (!(target.shape == x.shape()))
    throw ShapeError("compute_into: the memory has shape " + to_string(target.shape) + ", the array " +
                     to_string(x.shape()) + "; give memory of the array's shape");
  if (target.dtype != x.dtype())
    throw DTypeError("compute_into: the memory is " + std::string(name_of(target.dtype)) + ", the array " +
                     std::string(name_of(x.dtype())) + "; cast it with astype first");
  Output output{x};
  output.sink = [&](const ConstStridedView& values, const Box& place) {
    kernels::copy(values, target.sub(place));
  };
  run({output});
}

}  // namespace varve
