#include "plan/generated_work.hpp"

#include <algorithm>

#include "plan/footprint.hpp"

namespace varve::plan {
namespace {

// Tiles of one stage need much the same: a few, spread over all, stand for the others.
constexpr std::int64_t kTilesLookedAt = 8;

double elements_of(const Shape& shape) {
  double count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<double>(extent);
  return count;
}

bool is_generated(const Leaf& leaf) {
  return leaf.source && leaf.source->as<expr::GeneratorSource>() != nullptr;
}

bool has_generators(const Leaf& leaf) {
  bool found = false;
  for (const auto& input : leaf.inputs)
    for_each_leaf(input->program, [&](const Leaf& inner) { found = found || is_generated(inner); });
  return found;
}

// What generators compute for a box of the index space of an operation.
double generated_for(const Leaf& operation, const Box& needed) {
  double bytes = 0;
  for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
    const std::vector<Leaf>& leaves = operation.inputs[i]->program.leaves;
    const auto counts = [](const Leaf& leaf) { return is_generated(leaf) || has_generators(leaf); };
    if (std::none_of(leaves.begin(), leaves.end(), counts)) continue;
    for (const Box& piece : operation.operation()->demand(static_cast<int>(i), needed)) {
      if (piece.empty()) continue;
      for (const Leaf& leaf : leaves) {
        if (is_generated(leaf)) {
          bytes +=
              elements_of(demand_shape(leaf, piece.shape())) * static_cast<double>(size_bytes(leaf.dtype));
        } else if (has_generators(leaf)) {
          bytes += generated_for(leaf, leaf.map.demand(piece));
        }
      }
    }
  }
  return bytes;
}

double generated_by_tiles(const Leaf& leaf, const Stage& stage) {
  const std::int64_t count = stage.tiles.chunk_count();
  const std::int64_t looked_at = std::min(count, kTilesLookedAt);
  double bytes = 0;
  for (std::int64_t i = 0; i < looked_at; ++i) {
    const double position =
        static_cast<double>(count) / static_cast<double>(looked_at) * (static_cast<double>(i) + 0.5);
    const std::int64_t index = std::min(static_cast<std::int64_t>(position), count - 1);
    bytes += generated_for(leaf, leaf.map.demand(stage.tiles.box_of(stage.tile_at(index))));
  }
  return bytes * static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(looked_at, 1));
}

}  // namespace

GeneratedWork generated_work(const Stage& stage) {
  GeneratedWork work;
  for (const Leaf& leaf : stage.program.leaves) {
    if (!has_generators(leaf)) continue;
    work.bytes += generated_by_tiles(leaf, stage);
    work.least += generated_for(leaf, leaf.map.demand(Box(stage.domain)));
  }
  return work;
}

}  // namespace varve::plan
