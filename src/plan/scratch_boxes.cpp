#include "plan/scratch_boxes.hpp"

#include <algorithm>
#include <map>

#include "io/scratch/scratch_table.hpp"
#include "plan/footprint.hpp"
#include "plan/memory_model.hpp"
#include "plan/tiling.hpp"
#include "plan/written.hpp"

namespace varve::plan {
namespace {

// Below this, what a piece costs beside its bytes is more than compression saves.
constexpr std::int64_t kMinEncodedBytes = 16 << 10;
// A thread needs 0.7 MiB to encode: that must be little.
constexpr std::int64_t kMinMemoryPerThread = 8 << 20;
// The table of a compressed value may take this part of the budget, and of the value.
constexpr std::int64_t kTableOfBudget = 64;
constexpr std::int64_t kTableOfValue = 2048;

// The first leaf of a stage that reads a value, with the cells that it reads it by.
struct ValueReader {
  const Leaf* leaf = nullptr;
  const ChunkGrid* steps = nullptr;
};

ValueReader find_reader(const Program& program, const ChunkGrid& steps, ValueId value) {
  for (const Leaf& leaf : program.leaves) {
    if (!leaf.source && leaf.value == value) return {&leaf, &steps};
    for (const auto& input : leaf.inputs) {
      if (const ValueReader inner = find_reader(input->program, input->cells, value); inner.leaf != nullptr)
        return inner;
    }
  }
  return {};
}

// Whether a box of those extents is made of long runs of the pieces that it takes a part of: blocks that are
// encoded are decoded whole.
bool takes_long_runs(const Shape& piece, const Shape& box, std::int64_t element_bytes) {
  std::int64_t run = element_bytes;
  for (std::int64_t axis = piece.size() - 1; axis >= 0; --axis) {
    run *= std::min(piece[axis], box[axis]);
    if (box[axis] < piece[axis]) return run >= io::ScratchCoding::kBlockBytes;
  }
  return true;
}

bool all_take_long_runs(const Program& program, const ChunkGrid& steps, ValueId value, const Shape& piece,
                        std::int64_t element_bytes) {
  return std::all_of(program.leaves.begin(), program.leaves.end(), [&](const Leaf& leaf) {
    if (!leaf.source && leaf.value == value)
      return takes_long_runs(piece, demand_shape(leaf, steps.chunks()), element_bytes);
    return std::all_of(leaf.inputs.begin(), leaf.inputs.end(), [&](const auto& input) {
      return all_take_long_runs(input->program, input->cells, value, piece, element_bytes);
    });
  });
}

bool is_worth_encoding(const Plan& plan, ValueId id) {
  const Value& value = plan.values[static_cast<std::size_t>(id)];
  if (value.scratch_readers.ndim() == 0 || value.scratch_writers.ndim() == 0) return false;
  const std::int64_t element = size_bytes(value.dtype);
  const io::ScratchLayout layout(value.scratch_readers, value.scratch_writers);
  if (layout.largest_piece() * element < kMinEncodedBytes) return false;
  if (io::scratch_table_bytes(layout, element) > value.scratch_table_bytes) return false;
  Shape piece = value.scratch_writers.chunks();
  for (std::int64_t axis = 0; axis < piece.size(); ++axis)
    piece[axis] = std::min(piece[axis], value.scratch_readers.chunks()[axis]);
  return std::all_of(plan.stages.begin(), plan.stages.end(), [&](const Stage& stage) {
    return all_take_long_runs(stage.program, stage.tiling.steps, id, piece, element);
  });
}

std::vector<ValueId> values_made_by(const Stage& stage) {
  std::vector<ValueId> made;
  for (const WriteSink& sink : stage.writes) made.push_back(sink.value);
  for (const ReduceSink& sink : stage.reduces) made.push_back(sink.value);
  std::sort(made.begin(), made.end());
  return made;
}

}  // namespace

void expect_readers(Plan& plan, int writer, std::int64_t available_bytes, int threads,
                    std::vector<KnownTraffic>& known) {
  std::map<std::size_t, ChunkGrid> expected;  // tiles of later stages
  for (const ValueId made : values_made_by(plan.stages[static_cast<std::size_t>(writer)])) {
    const auto id = static_cast<std::size_t>(made);
    Value& value = plan.values[id];
    if (value.placement != Placement::scratch) continue;
    for (std::size_t at = static_cast<std::size_t>(writer) + 1; at < plan.stages.size(); ++at) {
      const Stage& stage = plan.stages[at];
      if (find_reader(stage.program, stage.natural, static_cast<ValueId>(id)).leaf == nullptr) continue;
      if (!expected.contains(at))
        expected[at] = expected_tiles(stage, plan.values, available_bytes, threads, known[at]);
      const ValueReader reader = find_reader(stage.program, expected[at], static_cast<ValueId>(id));
      value.scratch_tile = demand_shape(*reader.leaf, reader.steps->chunks());
      break;
    }
  }
}

void note_scratch_tiles(Plan& plan, int at) {
  const Stage& stage = plan.stages[static_cast<std::size_t>(at)];
  for (const WriteSink& sink : stage.writes) {
    plan.values[static_cast<std::size_t>(sink.value)].scratch_writers = written_tiles(stage, sink);
  }
  for_each_leaf(stage.program, [&](const Leaf& leaf) {
    if (leaf.source) return;
    Value& value = plan.values[static_cast<std::size_t>(leaf.value)];
    if (value.placement != Placement::scratch || value.scratch_readers.ndim() > 0 || value.made_by >= at)
      return;
    const ValueReader reader = find_reader(stage.program, stage.tiling.tiles, leaf.value);
    value.scratch_readers = ChunkGrid(value.shape, demand_shape(*reader.leaf, reader.steps->chunks()));
  });
}

bool expect_codecs(Plan& plan, const Limits& limits) {
  if (limits.scratch_codec == io::ScratchCodec::none) return false;
  if (limits.memory_bytes / std::max(limits.threads, 1) < kMinMemoryPerThread) return false;
  bool any = false;
  for (Value& value : plan.values) {
    if (value.placement != Placement::scratch || value.rechunk == 0) continue;
    value.scratch_codec = limits.scratch_codec;
    value.scratch_table_bytes =
        pooled_bytes(std::min(limits.memory_bytes / kTableOfBudget, value.bytes() / kTableOfValue));
    any = true;
  }
  return any;
}

void settle_codecs(Plan& plan) {
  for (std::size_t id = 0; id < plan.values.size(); ++id) {
    Value& value = plan.values[id];
    if (value.scratch_codec == io::ScratchCodec::none || is_worth_encoding(plan, static_cast<ValueId>(id)))
      continue;
    value.scratch_codec = io::ScratchCodec::none;
    value.scratch_table_bytes = 0;
  }
}

}  // namespace varve::plan
