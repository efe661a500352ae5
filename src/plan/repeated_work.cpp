#include "plan/repeated_work.hpp"

#include <algorithm>

#include "plan/footprint.hpp"
#include "plan/tile_sample.hpp"

namespace varve::plan {
namespace {

// Tiles of one stage need much the same: a few, spread over all, stand for the others.
constexpr std::int64_t kTilesLookedAt = 8;

/// Adds up what operations take of the leaves that `counts` tells.
template <class Counts>
class Work {
 public:
  Work(const Stage& stage, const Counts& counts) : stage_(stage), counts_(counts) {}

  void add(const Leaf& leaf) {
    if (!takes_counted(leaf)) return;
    total_.bytes += by_tiles(leaf);
    total_.min += of_box(leaf, leaf.map.demand(Box(stage_.domain)));
  }
  [[nodiscard]] const RepeatedWork& total() const noexcept { return total_; }

 private:
  [[nodiscard]] bool takes_counted(const Leaf& leaf) const {
    bool found = false;
    for (const auto& input : leaf.inputs)
      for_each_leaf(input->program, [&](const Leaf& inner) { found = found || counts_(inner); });
    return found;
  }

  // What an operation takes for a box of its index space.
  [[nodiscard]] double of_box(const Leaf& operation, const Box& needed) const {
    double bytes = 0;
    for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
      const std::vector<Leaf>& leaves = operation.inputs[i]->program.leaves;
      const auto matters = [this](const Leaf& leaf) { return counts_(leaf) || takes_counted(leaf); };
      if (std::none_of(leaves.begin(), leaves.end(), matters)) continue;
      for (const Box& piece : operation.operation()->demand(static_cast<int>(i), needed)) {
        if (piece.empty()) continue;
        for (const Leaf& leaf : leaves) bytes += of_piece(leaf, piece);
      }
    }
    return bytes;
  }

  [[nodiscard]] double of_piece(const Leaf& leaf, const Box& piece) const {
    if (counts_(leaf))
      return estimated_count(demand_shape(leaf, piece.shape())) * static_cast<double>(size_bytes(leaf.dtype));
    return takes_counted(leaf) ? of_box(leaf, leaf.map.demand(piece)) : 0;
  }

  [[nodiscard]] double by_tiles(const Leaf& leaf) const {
    return sum_over_tiles(stage_, kTilesLookedAt,
                          [&](const Box& tile) { return of_box(leaf, leaf.map.demand(tile)); });
  }

  const Stage& stage_;
  const Counts& counts_;
  RepeatedWork total_;
};

}  // namespace

RepeatedWork generated_work(const Stage& stage) {
  const auto is_generated = [](const Leaf& leaf) { return leaf.reads(Source::Kind::generator); };
  Work work(stage, is_generated);
  for (const Leaf& leaf : stage.program.leaves) work.add(leaf);
  return work.total();
}

RepeatedWork copied_work(const Stage& stage, const std::vector<Value>& values) {
  const auto is_in_memory = [&values](const Leaf& leaf) {
    if (leaf.source) return leaf.reads(Source::Kind::memory);
    return values[static_cast<std::size_t>(leaf.value)].placement == Placement::memory;
  };
  Work work(stage, is_in_memory);
  for (const Leaf& leaf : stage.program.leaves) {
    if (leaf.operation() != nullptr && leaf.operation()->reading().again) work.add(leaf);
  }
  return work.total();
}

}  // namespace varve::plan
