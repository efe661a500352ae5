#include "plan/scratch_boxes.hpp"

#include <map>

#include "plan/footprint.hpp"
#include "plan/tiling.hpp"

namespace varve::plan {
namespace {

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

}  // namespace

void expect_readers(Plan& plan, int writer, std::int64_t available_bytes, int threads) {
  std::map<std::size_t, ChunkGrid> expected;  // tiles of later stages
  for (std::size_t id = 0; id < plan.values.size(); ++id) {
    Value& value = plan.values[id];
    if (value.made_by != writer || value.placement != Placement::scratch) continue;
    for (std::size_t at = static_cast<std::size_t>(writer) + 1; at < plan.stages.size(); ++at) {
      const Stage& stage = plan.stages[at];
      if (find_reader(stage.program, stage.natural, static_cast<ValueId>(id)).leaf == nullptr) continue;
      if (!expected.contains(at)) expected[at] = expected_tiles(stage, plan.values, available_bytes, threads);
      const ValueReader reader = find_reader(stage.program, expected[at], static_cast<ValueId>(id));
      value.scratch_tile = demand_shape(*reader.leaf, reader.steps->chunks());
      break;
    }
  }
}

void note_scratch_tiles(Plan& plan, int at) {
  const Stage& stage = plan.stages[static_cast<std::size_t>(at)];
  for (const WriteSink& sink : stage.writes) {
    plan.values[static_cast<std::size_t>(sink.value)].scratch_writers = stage.tiles;
  }
  for (std::size_t id = 0; id < plan.values.size(); ++id) {
    Value& value = plan.values[id];
    if (value.placement != Placement::scratch || value.scratch_readers.ndim() > 0 || value.made_by >= at)
      continue;
    const ValueReader reader = find_reader(stage.program, stage.tiles, static_cast<ValueId>(id));
    if (reader.leaf == nullptr) continue;
    value.scratch_readers = ChunkGrid(value.shape, demand_shape(*reader.leaf, reader.steps->chunks()));
  }
}

}  // namespace varve::plan
