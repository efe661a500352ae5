#include "plan/lower_bound.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "plan/leaf_reads.hpp"
#include "plan/tile_sample.hpp"
#include "varve/core/walks.hpp"

namespace varve::plan {
namespace {

/// Adds up what is needed of each source. Views of one source may overlap, so together they count at most as
/// much as it holds.
class NeededBytes {
 public:
  explicit NeededBytes(std::int64_t memory_bytes) : memory_bytes_(memory_bytes) {}

  void add(const Leaf& leaf, const Box& box, const ChunkGrid& steps, const std::vector<Value>& values) {
    if (!leaf.source || box.empty()) return;
    if (leaf.operation() != nullptr) return add_inputs(leaf, leaf.map.demand(box), values);
    const DatasetFacts* dataset = leaf.dataset();
    if (dataset == nullptr) return;
    Needed& needed = of_sources_[leaf.source->id];
    needed.max = dataset->stored_bytes;
    double& of_view = needed.of_views[leaf.map.hash()];
    of_view = std::max(of_view, LeafReads(leaf, values, steps).of(box));
    needed.decoded = decoded_bytes(leaf);
  }

  [[nodiscard]] double total() const {
    double bytes = 0;
    double stored = 0;
    double decoded = 0;
    for (const auto& [source, needed] : of_sources_) {
      double sum = 0;
      for (const auto& [view, of_view] : needed.of_views) sum += of_view;
      bytes += std::min(sum, needed.max);
      stored += needed.max;
      decoded += needed.decoded;
    }
    return decoded > 0 ? std::max(bytes, of_operations_ * stored / decoded) : bytes;
  }

 private:
  struct Needed {
    double max = 0;
    double decoded = 0;  ///< of all of it
    std::map<std::uint64_t, double> of_views;
  };

  void add_inputs(const Leaf& leaf, const Box& needed, const std::vector<Value>& values) {
    of_operations_ = std::max(of_operations_, leaf.operation()->min_bytes_read(memory_bytes_));
    for (std::size_t i = 0; i < leaf.inputs.size(); ++i) {
      const InputProgram& input = *leaf.inputs[i];
      const bool has_source = std::any_of(input.program.leaves.begin(), input.program.leaves.end(),
                                          [](const Leaf& inner) { return inner.source != nullptr; });
      if (!has_source) continue;
      const std::vector<Box> boxes = leaf.operation()->demand(static_cast<int>(i), needed);
      if (boxes.empty()) continue;
      Box all = boxes.front();
      for (const Box& box : boxes) all = enclosing(all, box);
      for (const Leaf& inner : input.program.leaves) add(inner, all, input.cells, values);
    }
  }

  static double decoded_bytes(const Leaf& leaf) {
    return estimated_count(leaf.source_shape) * static_cast<double>(size_bytes(leaf.dtype));
  }

  std::int64_t memory_bytes_;
  double of_operations_ = 0;          ///< the largest bound of one of them, on decoded bytes
  std::map<int, Needed> of_sources_;  ///< by id
};

}  // namespace

std::int64_t min_bytes_read(const Plan& plan) {
  NeededBytes needed(plan.budget_bytes);
  for (const Stage& stage : plan.stages) {
    for (const Leaf& leaf : stage.program.leaves)
      needed.add(leaf, Box(stage.domain), stage.tiling.steps, plan.values);
  }
  return std::llround(std::min(needed.total(), 9e18));
}

}  // namespace varve::plan
