#include "plan/footprint.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "kernels/vector.hpp"
#include "plan/memory_model.hpp"
#include "plan/written.hpp"

namespace varve::plan {
namespace {

// Room for what a slot keeps beside its buffers: views, indices, names.
constexpr std::int64_t kSlotOverheadBytes = 64 << 10;

// Elements this far from each other are read one by one: a system call costs as much as copying some 10 KiB.
constexpr std::int64_t kFarBytes = 16 << 10;
// Larger pieces of scratch are moved run by run: their runs are long.
constexpr std::int64_t kLargestPieceBytes = 8 << 20;

// Whether every step stays inside one chunk along an axis of the dataset.
bool step_in_one_chunk(const ChunkGrid& chunks, std::int64_t axis, const expr::AxisMap& map,
                       const ChunkGrid& steps) {
  if (map.is_listed()) return false;  // a list has no strides: its elements are copied
  if (chunks.count(axis) <= 1 || map.is_constant()) return true;
  const std::int64_t out = map.output_axis;
  const std::int64_t step = steps.chunks()[out];
  if (step == 1) return true;
  const std::int64_t stride = std::abs(map.step);
  const std::int64_t chunk = chunks.chunks()[axis];
  if (stride == 0) return true;
  if (chunk % (step * stride) != 0) return false;
  // Each step must begin with the first of its chunk's elements, as seen in the direction of the map.
  const std::int64_t first = map.at(-steps.offset()[out]) + chunks.offset()[axis];
  const std::int64_t ahead = map.step > 0 ? first : -(first + 1);
  const std::int64_t span = step * stride;
  return ((ahead % span) + span) % span < stride;
}

bool steps_in_chunks(const Leaf& leaf, const ChunkGrid& steps) {
  const ChunkGrid& chunks = leaf.dataset()->grid;
  for (std::int64_t axis = 0; axis < chunks.ndim(); ++axis) {
    if (!step_in_one_chunk(chunks, axis, leaf.map.axes()[static_cast<std::size_t>(axis)], steps))
      return false;
  }
  return true;
}

std::int64_t product(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(count, extent, &count)) return INT64_MAX / 4096;
  }
  return count;
}

// Where the last axis of a source is strided or reversed, what lies between its elements is read along.
std::int64_t gathered_elements(const Leaf& leaf, const Shape& step) {
  const std::vector<expr::AxisMap>& axes = leaf.map.axes();
  if (axes.empty() || axes.back().is_constant()) return 0;
  if (axes.back().step == 1 && !axes.back().is_listed() && !is_read_one_by_one(leaf, axes.size() - 1))
    return 0;
  Shape box = demand_shape(leaf, step);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (is_read_one_by_one(leaf, axis)) box[static_cast<std::int64_t>(axis)] = 1;
  }
  return product(box);
}

std::int64_t ceil_log2(std::int64_t n) {
  return n <= 1 ? 0 : 64 - std::countl_zero(static_cast<std::uint64_t>(n - 1));
}

// The blocks of a tile lie in so many runs of consecutive numbers: one, unless the tile holds several blocks
// along an axis and not all blocks along a later one.
std::int64_t runs_of_blocks(const ReduceSink& sink, const Stage& stage) {
  std::int64_t runs = 1;
  std::int64_t before = 1;
  for (const std::int64_t axis : sink.axes) {
    const std::int64_t chunk = sink.blocks.chunks()[axis];
    if (stage.tiling.tiles.count(axis) > 1) runs = before;
    before *= (stage.tiling.tiles.chunks()[axis] + chunk - 1) / chunk;
  }
  return runs;
}

std::int64_t write_bytes(const WriteSink& sink, const Stage& stage, const std::vector<Value>& values) {
  const Value& value = values[static_cast<std::size_t>(sink.value)];
  const std::int64_t element = size_bytes(value.dtype);
  if (value.placement == Placement::memory && writes_outputs_of(stage) == nullptr) return 0;
  const Shape extents = written_extents(stage, sink, stage.tiling.tiles.chunks());
  const std::int64_t tile = pooled_bytes(product(extents) * element);
  if (value.placement == Placement::memory) return tile;
  if (value.placement == Placement::scratch)
    return tile + pooled_bytes(scratch_workspace_bytes(value, extents, value.scratch_tile));
  return tile + chunk_writers(stage, sink, value) * write_chunk_bytes(value);
}

// What a program takes to be run over steps: vectors, the buffers of its leaves and what its operations need.
std::int64_t program_bytes(const Program& program, const ChunkGrid& steps, const std::vector<Value>& values,
                           int workers, const std::vector<std::int64_t>& evaluators) {
  const Shape& step = steps.chunks();
  std::int64_t bytes =
      kSlotOverheadBytes + pooled_bytes((program.slot_count + 1) * kernels::kVectorElements * 16);
  for (std::size_t i = 0; i < program.leaves.size(); ++i) {
    const Leaf& leaf = program.leaves[i];
    const LeafBuffers buffers = buffers_of(leaf, access_of(leaf, values, steps), values, step);
    bytes += pooled_bytes(buffers.chunk_bytes) + pooled_bytes(buffers.workspace_bytes) +
             pooled_bytes(buffers.assembled_bytes) + pooled_bytes(buffers.gather_bytes) +
             pooled_bytes(buffers.order_bytes);
    const expr::BoxOperator* operation = leaf.operation();
    if (operation == nullptr) continue;
    bytes += pooled_bytes(operation->workspace(demand_shape(leaf, step), workers).bytes());
    bytes += workers * evaluators[i];
  }
  return bytes;
}

// Only the inputs that an operation reads by turns are held at one time, at worst the largest.
std::int64_t evaluators_bytes(const Leaf& leaf, const std::vector<Value>& values) {
  if (leaf.operation() == nullptr) return 0;
  std::vector<std::int64_t> each;
  for (const auto& input : leaf.inputs) {
    each.push_back(
        program_bytes(input->program, input->cells, values, 1, evaluator_bytes(input->program, values)));
  }
  std::sort(each.begin(), each.end(), std::greater<>());
  const auto held = std::min(each.size(), static_cast<std::size_t>(leaf.operation()->reading().in_turn));
  return std::accumulate(each.begin(), each.begin() + static_cast<std::ptrdiff_t>(held), std::int64_t{0});
}

// Partial reductions while a tile runs, and the finished values on their way out.
std::int64_t reduce_bytes(const ReduceSink& sink, const Stage& stage) {
  const std::int64_t kept = kept_elements(sink, stage.tiling.tiles.chunks());
  const std::int64_t blocks = blocks_within(sink, stage.tiling.tiles.chunks());
  return blocks * state_block_bytes(state_bytes(sink, kept)) + pooled_bytes(kept * 16);
}

// How many tiles of kept elements can be unfinished at one time, given the order in which tiles are handed
// out.
std::int64_t open_results(const ReduceSink& sink, const Stage& stage) {
  std::int64_t open = 1;
  bool inside_reduction = false;
  for (const std::int64_t axis : stage.tiling.axis_order) {
    if (sink.reduces(axis)) {
      inside_reduction = inside_reduction || stage.tiling.tiles.count(axis) > 1;
    } else if (inside_reduction) {
      open *= stage.tiling.tiles.count(axis);
    }
  }
  return open;
}

}  // namespace

LeafAccess access_of(const Leaf& leaf, const std::vector<Value>& values, const ChunkGrid& steps) {
  if (!leaf.source) {
    const bool in_memory = values[static_cast<std::size_t>(leaf.value)].placement == Placement::memory;
    if (!in_memory) return LeafAccess::partial;
    return leaf.map.has_lists() ? LeafAccess::gathered : LeafAccess::resident;
  }
  switch (leaf.source->kind) {
    case Source::Kind::memory:
      return leaf.map.has_lists() ? LeafAccess::gathered : LeafAccess::resident;
    case Source::Kind::generator:
      return LeafAccess::generated;
    case Source::Kind::operation:
      return LeafAccess::computed;
    case Source::Kind::dataset:
      break;
  }
  if (leaf.dataset()->partial_reads) return LeafAccess::partial;
  return steps_in_chunks(leaf, steps) ? LeafAccess::in_chunk : LeafAccess::assembled;
}

bool makes_tiles_in_place(const Stage& stage, const std::vector<Value>& values) {
  if (writes_outputs_of(stage) != nullptr) return true;
  if (stage.writes.size() != 1 || !stage.reduces.empty() || stage.program.leaves.size() != 1) return false;
  const Leaf& leaf = stage.program.leaves[0];
  const WriteSink& sink = stage.writes[0];
  return leaf.operation() != nullptr && leaf.map.is_identity(leaf.source_shape) &&
         sink.input == leaf.register_id &&
         values[static_cast<std::size_t>(sink.value)].placement != Placement::memory;
}

std::int64_t write_chunk_bytes(const Value& value) {
  return pooled_bytes(product(value.output_chunks.chunks()) * size_bytes(value.dtype)) +
         pooled_bytes(value.write_workspace_bytes);
}

int chunk_writers(const Stage& stage, const WriteSink& sink, const Value& value) {
  const Shape tile = written_extents(stage, sink, stage.tiling.tiles.chunks());
  const Shape& chunk = value.output_chunks.chunks();
  std::int64_t chunks = 1;
  for (std::int64_t axis = 0; axis < tile.size() && chunks < stage.tiling.workers; ++axis) {
    chunks *= (tile[axis] + chunk[axis] - 1) / std::max<std::int64_t>(chunk[axis], 1);
  }
  const std::int64_t in_tile =
      product(tile) * size_bytes(value.dtype) / std::max<std::int64_t>(write_chunk_bytes(value), 1);
  return static_cast<int>(std::clamp<std::int64_t>(std::min(chunks, in_tile), 1, stage.tiling.workers));
}

Shape leaf_box(const Leaf& leaf, const Shape& step) {
  Shape box(step.size(), 1);
  for (const expr::AxisMap& map : leaf.map.axes()) {
    if (!map.is_constant()) box[map.output_axis] = step[map.output_axis];
  }
  return box;
}

Shape demand_shape(const Leaf& leaf, const Shape& step) {
  Shape shape(leaf.source_shape.size(), 1);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const expr::AxisMap& map = leaf.map.axes()[static_cast<std::size_t>(axis)];
    if (map.is_constant()) continue;
    const std::int64_t extent = leaf.source_shape[axis];
    const std::int64_t wanted =
        map.is_listed() ? extent : (step[map.output_axis] - 1) * std::abs(map.step) + 1;
    shape[axis] = std::min(extent, wanted);
  }
  return shape;
}

bool is_read_one_by_one(const Leaf& leaf, std::size_t axis) {
  const std::vector<expr::AxisMap>& axes = leaf.map.axes();
  const expr::AxisMap& map = axes[axis];
  if (map.is_constant()) return false;
  if (map.is_listed()) return true;
  const auto same_axis = [&](const expr::AxisMap& other) { return other.output_axis == map.output_axis; };
  if (std::count_if(axes.begin(), axes.end(), same_axis) > 1) return true;
  if (map.step == 1) return false;
  return axis + 1 < axes.size() || std::abs(map.step) * size_bytes(leaf.dtype) >= kFarBytes;
}

bool orders_lists(LeafAccess access) noexcept {
  return access == LeafAccess::assembled || access == LeafAccess::partial;
}

LeafBuffers buffers_of(const Leaf& leaf, LeafAccess access, const std::vector<Value>& values,
                       const Shape& step) {
  LeafBuffers buffers;
  const std::int64_t element = size_bytes(leaf.dtype);
  if (access == LeafAccess::in_chunk || access == LeafAccess::assembled) {
    buffers.chunk_bytes = leaf.dataset()->chunk_bytes;
    buffers.workspace_bytes = leaf.dataset()->read_workspace_bytes;
  }
  const bool is_made = access == LeafAccess::generated || access == LeafAccess::computed;
  if (is_made) buffers.gather_bytes = product(demand_shape(leaf, step)) * element;
  if (access == LeafAccess::partial) {
    if (leaf.source) {
      buffers.workspace_bytes = leaf.dataset()->read_workspace_bytes;
    } else {
      const Value& value = values[static_cast<std::size_t>(leaf.value)];
      buffers.workspace_bytes =
          scratch_workspace_bytes(value, value.scratch_writers.chunks(), demand_shape(leaf, step));
    }
    buffers.gather_bytes = gathered_elements(leaf, step) * element;
  }
  const bool used_in_place =
      access == LeafAccess::resident || access == LeafAccess::in_chunk || (is_made && !leaf.map.has_lists());
  if (!used_in_place) {
    buffers.assembled_bytes = product(leaf_box(leaf, step)) * element;
  }
  for (const expr::AxisMap& map : leaf.map.axes()) {
    if (orders_lists(access) && map.is_listed())
      buffers.order_bytes += step[map.output_axis] * static_cast<std::int64_t>(sizeof(std::int64_t));
  }
  return buffers;
}

std::int64_t scratch_piece_bytes(const Value& value, const Shape& writer, const Shape& reader) {
  if (writer.size() != value.shape.size() || reader.size() != value.shape.size()) return 0;
  std::int64_t elements = 1;
  for (std::int64_t axis = 0; axis < writer.size(); ++axis) elements *= std::min(writer[axis], reader[axis]);
  return std::min(elements * size_bytes(value.dtype), kLargestPieceBytes);
}

std::int64_t scratch_workspace_bytes(const Value& value, const Shape& writer, const Shape& reader) {
  const std::int64_t piece = scratch_piece_bytes(value, writer, reader);
  if (value.scratch_codec == io::ScratchCodec::none || writer.size() != value.shape.size()) return piece;
  return std::max(piece, io::ScratchCoding::workspace_bytes(product(writer) * size_bytes(value.dtype)));
}

std::int64_t state_bytes(const kernels::ReduceKernel& kernel, std::int64_t elements) {
  std::int64_t bytes = 0;
  for (int plane = 0; plane < kernel.plane_count; ++plane)
    bytes += (elements * kernel.plane_bytes[plane] + 15) / 16 * 16;
  return bytes;
}

std::int64_t state_bytes(const ReduceSink& sink, std::int64_t elements) {
  return state_bytes(*kernels::find_reduce(sink.op, sink.input_dtype), elements);
}

std::int64_t kept_elements(const ReduceSink& sink, const Shape& extents) {
  std::int64_t count = 1;
  for (std::int64_t axis = 0; axis < extents.size(); ++axis) {
    if (!sink.reduces(axis)) count *= extents[axis];
  }
  return count;
}

std::int64_t blocks_within(const ReduceSink& sink, const Shape& extents) {
  std::int64_t count = 1;
  for (const std::int64_t axis : sink.axes) {
    const std::int64_t chunk = sink.blocks.chunks()[axis];
    count *= (extents[axis] + chunk - 1) / chunk;
  }
  return count;
}

std::vector<std::int64_t> evaluator_bytes(const Program& program, const std::vector<Value>& values) {
  std::vector<std::int64_t> bytes;
  for (const Leaf& leaf : program.leaves) bytes.push_back(evaluators_bytes(leaf, values));
  return bytes;
}

std::int64_t slot_footprint(const Stage& stage, const std::vector<Value>& values,
                            const std::vector<std::int64_t>& evaluators) {
  std::int64_t bytes =
      program_bytes(stage.program, stage.tiling.steps, values, stage.tiling.workers, evaluators);
  if (makes_tiles_in_place(stage, values)) {
    const Leaf& leaf = stage.program.leaves[0];
    bytes -= pooled_bytes(
        buffers_of(leaf, LeafAccess::computed, values, stage.tiling.steps.chunks()).gather_bytes);
  }
  for (const WriteSink& sink : stage.writes) bytes += write_bytes(sink, stage, values);
  for (const ReduceSink& sink : stage.reduces) bytes += reduce_bytes(sink, stage);
  return bytes;
}

std::int64_t fetch_ahead_bytes(const Stage& stage, std::int64_t spare_bytes) {
  // Enough requests under way to hide that each takes long; more would only wait in the store.
  constexpr std::int64_t kRequests = 16;
  std::int64_t largest = 0;
  for_each_leaf(stage.program, [&](const Leaf& leaf) {
    if (leaf.dataset() != nullptr) largest = std::max(largest, pooled_bytes(leaf.dataset()->fetched_bytes));
  });
  if (largest == 0) return 0;
  return largest * std::clamp<std::int64_t>(spare_bytes / largest, 0, kRequests);
}

std::int64_t pending_state_bytes(const Stage& stage) {
  std::int64_t bytes = 0;
  for (const ReduceSink& sink : stage.reduces) {
    const std::int64_t blocks = blocks_within(sink, stage.domain);
    if (blocks == 0) {
      // Nothing to reduce: all results come from one empty accumulator.
      const std::int64_t kept = kept_elements(sink, stage.domain);
      bytes += state_block_bytes(state_bytes(sink, kept)) + pooled_bytes(kept * 16);
    }
    if (blocks <= 1) continue;
    const std::int64_t state =
        state_block_bytes(state_bytes(sink, kept_elements(sink, stage.tiling.tiles.chunks())));
    // Completed blocks between s tiles that still run form at most s * log2(blocks) whole subtrees.
    const std::int64_t subtrees = std::min((ceil_log2(blocks) + 1) * runs_of_blocks(sink, stage), blocks);
    bytes += state * subtrees * (open_results(sink, stage) + stage.tiling.slots - 1);
  }
  return bytes;
}

}  // namespace varve::plan
