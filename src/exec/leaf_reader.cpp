#include "exec/leaf_reader.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/copy.hpp"
#include "varve/core/counting.hpp"

namespace varve::exec {
namespace {

using plan::LeafAccess;

constexpr std::int64_t kMaxAnnounced = 16;  // chunks at one time

bool is_plain(const expr::AxisMap& map) { return map.is_constant() || (!map.is_listed() && map.step == 1); }

// Along an axis of one element a step may be any number: the product wraps, and is not used.
std::int64_t stride_of(std::int64_t step, std::int64_t stride) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(stride));
}

ByteStrides reordered(const ByteStrides& strides, const std::vector<expr::AxisMap>& axes) {
  ByteStrides result(static_cast<std::int64_t>(axes.size()), 0);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (!axes[axis].is_constant()) result[static_cast<std::int64_t>(axis)] = strides[axes[axis].output_axis];
  }
  return result;
}

}  // namespace

LeafReader::LeafReader(const plan::Leaf& leaf, LeafAccess access, const LeafBinding& binding,
                       const plan::LeafBuffers& buffers, BufferPool& pool)
    : leaf_(leaf), access_(access), binding_(binding), memory_first_(leaf.map.input_ndim(), 0) {
  if (binding.chunks == nullptr) workspace_ = pool.allocate(buffers.workspace_bytes);
  assembled_ = pool.allocate(buffers.assembled_bytes);
  gather_ = pool.allocate(buffers.gather_bytes);
  order_ = pool.allocate(buffers.order_bytes);
  in_order_.resize(leaf.map.axes().size());
  in_chunk_.resize(leaf.map.axes().size());
}

std::int64_t LeafReader::load(const Box& step, LoadedLeaf& loaded) {
  switch (access_) {
    case LeafAccess::resident:
      loaded = through_map(binding_.memory.data, memory_first_, binding_.memory.byte_strides, step.lo);
      return 0;
    case LeafAccess::in_chunk:
      return load_chunk(step, loaded);
    case LeafAccess::generated:
    case LeafAccess::computed:
      return load_made(step, loaded);
    case LeafAccess::gathered:
    case LeafAccess::assembled:
    case LeafAccess::partial:
      return load_assembled(step, loaded);
  }
  return 0;
}

LoadedLeaf LeafReader::through_map(const std::byte* data, const Index& first, const ByteStrides& strides,
                                   const Index& lo) const {
  LoadedLeaf loaded{data, ByteStrides(lo.size(), 0)};
  for (std::int64_t axis = 0; axis < leaf_.map.input_ndim(); ++axis) {
    const expr::AxisMap& map = leaf_.map.axes()[static_cast<std::size_t>(axis)];
    const std::int64_t at = map.is_constant() ? map.offset : map.at(lo[map.output_axis]);
    loaded.data += (at - first[axis]) * strides[axis];
    if (!map.is_constant()) loaded.strides[map.output_axis] += stride_of(map.step, strides[axis]);
  }
  return loaded;
}

// Shows a decoded chunk as the step at `lo` sees it.
LoadedLeaf LeafReader::through_chunk(const ChunkIndex& chunk, const Index& lo, bool keep,
                                     std::int64_t& bytes_read) {
  const io::DatasetInfo& info = binding_.dataset->info();
  Index first(chunk.size(), 0);  // before the array where its first chunk is cut
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis)
    first[axis] = chunk[axis] * info.grid.chunks()[axis] - info.grid.offset()[axis];
  return through_map(binding_.chunks->get(chunk, keep, bytes_read), first, info.chunk_strides, lo);
}

std::int64_t LeafReader::load_chunk(const Box& step, LoadedLeaf& loaded) {
  const io::DatasetInfo& info = binding_.dataset->info();
  const Box needed = leaf_.map.demand(step);
  ChunkIndex chunk(needed.ndim(), 0);
  for (std::int64_t axis = 0; axis < needed.ndim(); ++axis)
    chunk[axis] = info.grid.chunk_of(axis, needed.lo[axis]);
  std::int64_t bytes = 0;
  loaded = through_chunk(chunk, step.lo, true, bytes);
  return bytes;
}

std::int64_t LeafReader::decode(const Box& box, const StridedView& target) {
  if (access_ != LeafAccess::in_chunk || !leaf_.map.is_identity(leaf_.source_shape)) return -1;
  const io::DatasetInfo& info = binding_.dataset->info();
  if (!(box.shape() == info.chunk_shape) || target.dtype != info.dtype || !target.is_c_contiguous())
    return -1;
  if (!(StridedView(target.data, info.dtype, info.chunk_shape).byte_strides == info.chunk_strides)) return -1;
  ChunkIndex chunk(box.ndim(), 0);
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) chunk[axis] = info.grid.chunk_of(axis, box.lo[axis]);
  if (!(info.grid.box_of(chunk) == box) || binding_.chunks->holds(chunk)) return -1;
  // What is wanted again and again must come to lie in the cache.
  if (info.grid.chunk_count() == 1 || decoded_last_ == chunk) return -1;
  decoded_last_ = chunk;
  return binding_.chunks->decode(chunk, {target.data, static_cast<std::size_t>(info.chunk_bytes())});
}

std::int64_t LeafReader::load_made(const Box& step, LoadedLeaf& loaded) {
  const Box needed = leaf_.map.demand(step);
  const StridedView view(gather_.data(), leaf_.dtype, needed.shape());
  const std::int64_t bytes = binding_.producer->produce(needed, {&view, 1});
  if (!leaf_.map.has_lists()) {
    loaded = through_map(view.data, needed.lo, view.byte_strides, step.lo);
    return bytes;
  }
  binding_.memory = {view.data, leaf_.dtype, leaf_.source_shape, view.byte_strides};
  memory_first_ = needed.lo;
  return bytes + load_assembled(step, loaded);
}

std::int64_t LeafReader::load_assembled(const Box& step, LoadedLeaf& loaded) {
  const Shape box = plan::leaf_box(leaf_, step.shape());
  assembled_view_ = StridedView(assembled_.data(), leaf_.dtype, box);
  Box whole = step;
  for (std::int64_t axis = 0; axis < box.size(); ++axis) {
    if (box[axis] == 1 && step.extent(axis) != 1) {
      whole.hi[axis] = whole.lo[axis] + 1;
      assembled_view_.byte_strides[axis] = 0;
    }
  }
  loaded = {assembled_view_.data, assembled_view_.byte_strides};
  if (binding_.dataset == nullptr) return add_pieces({}, Box(leaf_.source_shape), 0, whole, whole);
  order_lists(whole);
  const Box chunks = binding_.dataset->info().grid.chunks_touching(leaf_.map.demand(whole));
  ChunkIndex chunk(chunks.lo);
  step_chunks_ = chunks;
  step_announced_ = 0;
  step_visited_ = 0;
  return add_chunks(0, chunk, chunks, whole);
}

// Puts the positions that a step lists in order, so that the work is that of its positions and its chunks,
// not one times the other.
void LeafReader::order_lists(const Box& step) {
  if (!plan::orders_lists(access_)) return;
  auto* next = reinterpret_cast<std::int64_t*>(order_.data());
  for (std::size_t axis = 0; axis < in_order_.size(); ++axis) {
    const expr::AxisMap& map = leaf_.map.axes()[axis];
    if (!map.is_listed()) continue;
    const std::int64_t count = step.extent(map.output_axis);
    std::iota(next, next + count, step.lo[map.output_axis]);
    const std::int64_t* positions = map.positions->data();
    std::sort(next, next + count, [positions](std::int64_t left, std::int64_t right) {
      return positions[left] != positions[right] ? positions[left] < positions[right] : left < right;
    });
    in_order_[axis] = {next, static_cast<std::size_t>(count)};
    next += count;
  }
}

// Visits the chunks that hold something of the step, source axis by source axis.
std::int64_t LeafReader::add_chunks(std::int64_t axis, ChunkIndex& chunk, const Box& chunks,
                                    const Box& step) {
  if (axis == chunk.size()) {
    if (binding_.chunks != nullptr && !leaf_.map.has_lists()) announce_from(step_visited_++);
    return add_pieces(chunk, binding_.dataset->info().grid.box_of(chunk), 0, step, step);
  }
  if (leaf_.map.axes()[static_cast<std::size_t>(axis)].is_listed())
    return add_chunks_listed(axis, chunk, chunks, step);
  std::int64_t bytes = 0;
  for (chunk[axis] = chunks.lo[axis]; chunk[axis] < chunks.hi[axis]; ++chunk[axis])
    bytes += add_chunks(axis + 1, chunk, chunks, step);
  return bytes;
}

std::int64_t LeafReader::add_chunks_listed(std::int64_t axis, ChunkIndex& chunk, const Box& chunks,
                                           const Box& step) {
  const auto at = static_cast<std::size_t>(axis);
  const std::int64_t* positions = leaf_.map.axes()[at].positions->data();
  const ChunkGrid& grid = binding_.dataset->info().grid;
  std::int64_t bytes = 0;
  for (std::span<const std::int64_t> rest = in_order_[at]; !rest.empty();) {
    chunk[axis] = grid.chunk_of(axis, positions[rest.front()]);
    const std::int64_t start = chunk[axis] * grid.chunks()[axis] - grid.offset()[axis];
    const std::int64_t end = start + std::min(grid.chunks()[axis], grid.shape()[axis] - start);
    const auto stop = std::partition_point(rest.begin(), rest.end(),
                                           [&](std::int64_t element) { return positions[element] < end; });
    const auto count = static_cast<std::size_t>(stop - rest.begin());
    in_chunk_[at] = rest.first(count);
    rest = rest.subspan(count);
    bytes += add_chunks(axis + 1, chunk, chunks, step);
  }
  return bytes;
}

bool LeafReader::must_split(std::size_t axis) const {
  return access_ == LeafAccess::partial ? plan::is_read_one_by_one(leaf_, axis)
                                        : leaf_.map.axes()[axis].is_listed();
}

// Cuts the step down, source axis by source axis, to the elements that lie in the chunk.
std::int64_t LeafReader::add_pieces(const ChunkIndex& chunk, const Box& chunk_box, std::size_t axis,
                                    const Box& step, Box piece) {
  if (axis == leaf_.map.axes().size()) return add_piece(chunk, step, piece);
  const expr::AxisMap& map = leaf_.map.axes()[axis];
  const auto at = static_cast<std::int64_t>(axis);
  const std::int64_t out = map.output_axis;
  if (map.is_constant()) return add_pieces(chunk, chunk_box, axis + 1, step, piece);
  if (!map.is_listed()) {
    const expr::Interval inside =
        expr::preimage(map, chunk_box.lo[at], chunk_box.hi[at], {piece.lo[out], piece.hi[out]});
    if (inside.lo >= inside.hi) return 0;
    piece.lo[out] = inside.lo;
    piece.hi[out] = inside.hi;
  }
  return must_split(axis) ? add_single_elements(chunk, chunk_box, axis, step, piece)
                          : add_pieces(chunk, chunk_box, axis + 1, step, piece);
}

std::int64_t LeafReader::add_single_elements(const ChunkIndex& chunk, const Box& chunk_box, std::size_t axis,
                                             const Box& step, const Box& piece) {
  const std::int64_t out = leaf_.map.axes()[axis].output_axis;
  Box single = piece;
  std::int64_t bytes = 0;
  const auto add = [&](std::int64_t i) {
    single.lo[out] = i;
    single.hi[out] = i + 1;
    bytes += add_pieces(chunk, chunk_box, axis + 1, step, single);
  };
  if (in_order_[axis].empty()) {
    for (std::int64_t i = piece.lo[out]; i < piece.hi[out]; ++i) add(i);
    return bytes;
  }
  // Another source axis may run along the same axis of the step, and have narrowed the piece already.
  for (const std::int64_t i : in_chunk_[axis]) {
    if (i >= piece.lo[out] && i < piece.hi[out]) add(i);
  }
  return bytes;
}

std::int64_t LeafReader::add_piece(const ChunkIndex& chunk, const Box& step, const Box& piece) {
  const StridedView target = assembled_view_.sub(relative_to(piece, step.lo));
  if (access_ == LeafAccess::partial) return read_piece(chunk, piece, target);
  std::int64_t bytes = 0;
  LoadedLeaf source;
  if (access_ == LeafAccess::assembled) {
    source = through_chunk(chunk, piece.lo, false, bytes);
  } else {
    source = through_map(binding_.memory.data, memory_first_, binding_.memory.byte_strides, piece.lo);
  }
  kernels::copy({source.data, leaf_.dtype, target.shape, source.strides}, target);
  return bytes;
}

std::int64_t LeafReader::read_piece(const ChunkIndex& chunk, const Box& piece, const StridedView& target) {
  const std::vector<expr::AxisMap>& axes = leaf_.map.axes();
  const Box part = leaf_.map.demand(piece);
  if (axes.empty() || is_plain(axes.back()) || plan::is_read_one_by_one(leaf_, axes.size() - 1)) {
    const StridedView out(target.data, leaf_.dtype, part.shape(), reordered(target.byte_strides, axes));
    return binding_.dataset->read_part(chunk, part, out, workspace_.span());
  }
  // What lies between the elements is read along, and what is wanted is picked out.
  const StridedView run(gather_.data(), leaf_.dtype, part.shape());
  const std::int64_t bytes = binding_.dataset->read_part(chunk, part, run, workspace_.span());
  const LoadedLeaf source = through_map(gather_.data(), part.lo, run.byte_strides, piece.lo);
  kernels::copy({source.data, leaf_.dtype, target.shape, source.strides}, target);
  return bytes;
}

void LeafReader::announce(const Box& box) {
  if (binding_.dataset == nullptr || box.empty()) return;
  const Box chunks = binding_.dataset->info().grid.chunks_touching(leaf_.map.demand(box));
  const Shape counts = chunks.shape();
  std::int64_t total = 1;
  for (const std::int64_t count : counts) total = std::min(total * count, kMaxAnnounced);
  // Thin tiles of data that is read in parts: the hint looks at every page of a chunk, far more than the tile
  // reads.
  const std::int64_t elements = element_count(plan::leaf_box(leaf_, box.shape()));
  if (access_ == LeafAccess::partial &&
      elements * 2 < total * element_count(binding_.dataset->info().chunk_shape))
    return;
  for (std::int64_t number = 0; number < total; ++number) {
    if (!announce_chunk(index_at<ChunkIndex>(number, chunks))) return;
  }
}

// Returns false where no more can be on their way.
bool LeafReader::announce_chunk(const ChunkIndex& chunk) {
  constexpr std::int64_t kMaxSkipped = 32;
  if (binding_.ahead != nullptr) return binding_.ahead->announce(*binding_.dataset, chunk);
  if (hints_skipped_ < hints_to_skip_) {
    ++hints_skipped_;
    return true;
  }
  hints_skipped_ = 0;
  hints_to_skip_ = binding_.dataset->prefetch(chunk) ? 0 : std::min(2 * hints_to_skip_ + 1, kMaxSkipped);
  return true;
}

// Announces the chunks of the step behind the one that is visited now.
void LeafReader::announce_from(std::int64_t visited) {
  const std::int64_t end = std::min(visited + 1 + kMaxAnnounced, element_count(step_chunks_.shape()));
  step_announced_ = std::max(step_announced_, visited + 1);
  while (step_announced_ < end && announce_chunk(index_at<ChunkIndex>(step_announced_, step_chunks_)))
    ++step_announced_;
}

}  // namespace varve::exec
