#include "plan/known_traffic.hpp"

#include <algorithm>
#include <utility>

namespace varve::plan {
namespace {

std::vector<ValueId> values_read_by(const Stage& stage) {
  std::vector<ValueId> ids;
  for_each_leaf(stage.program, [&](const Leaf& leaf) {
    if (!leaf.source) ids.push_back(leaf.value);
  });
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

const Traffic& KnownTraffic::of(const Stage& stage, const std::vector<Value>& values,
                                std::int64_t tiles_looked_at) {
  const Key where = placements(stage, values);
  Key key = where;
  key.push_back(tiles_looked_at);
  for (const ChunkGrid* grid : {&stage.tiling.tiles, &stage.tiling.steps}) {
    key.insert(key.end(), grid->chunks().begin(), grid->chunks().end());
    key.insert(key.end(), grid->offset().begin(), grid->offset().end());
  }
  auto found = known_.find(key);
  if (found == known_.end()) {
    const std::vector<LeafReads>& reads = reads_of(stage, values, where);
    found = known_.emplace(std::move(key), read_traffic(stage, values, reads, tiles_looked_at)).first;
  }
  return found->second;
}

// Two bits for each value that the stage reads.
KnownTraffic::Key KnownTraffic::placements(const Stage& stage, const std::vector<Value>& values) {
  constexpr std::size_t kValuesInWord = 31;
  if (!values_read_) values_read_ = values_read_by(stage);
  Key words(values_read_->size() / kValuesInWord + 1, 0);
  for (std::size_t i = 0; i < values_read_->size(); ++i) {
    std::int64_t& word = words[i / kValuesInWord];
    word =
        word * 4 + static_cast<std::int64_t>(values[static_cast<std::size_t>((*values_read_)[i])].placement);
  }
  return words;
}

const std::vector<LeafReads>& KnownTraffic::reads_of(const Stage& stage, const std::vector<Value>& values,
                                                     const Key& placements) {
  const auto [found, is_new] = reads_.try_emplace(placements);
  if (is_new) {
    for (const Leaf& leaf : stage.program.leaves)
      found->second.emplace_back(leaf, values, stage.tiling.steps);
  }
  return found->second;
}

}  // namespace varve::plan
