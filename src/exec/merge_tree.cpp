#include "exec/merge_tree.hpp"

#include "varve/core/error.hpp"

namespace varve::exec {

// Finds the sibling of the subtree `key`, climbing where there is none; stores the state and returns false if
// the sibling has not come yet.
bool MergeTree::take_sibling(Key& key, State& state, State& sibling) {
  const std::lock_guard lock(mutex_);
  const auto nodes = [&](std::int64_t level) {
    return (block_count_ + (std::int64_t{1} << level) - 1) >> level;
  };
  while (nodes(key.level) > 1 && (key.position ^ 1) >= nodes(key.level)) {
    key.position >>= 1;
    ++key.level;
  }
  if (nodes(key.level) == 1) return true;
  const auto found = waiting_.find({key.kept_tile, key.level, key.position ^ 1});
  if (found == waiting_.end()) {
    if (!waiting_.emplace(key, std::move(state)).second) {
      throw Error("a block of a reduction came twice: the tiles of the plan cut it; please report this");
    }
    return false;
  }
  sibling = std::move(found->second);
  waiting_.erase(found);
  return true;
}

void MergeTree::add(std::int64_t kept_tile, std::int64_t level, std::int64_t position, State&& state) {
  Key key{kept_tile, level, position};
  for (;;) {
    State sibling;
    if (!take_sibling(key, state, sibling)) return;
    if (sibling.elements() == 0) return deliver_(kept_tile, std::move(state));
    State& left = (key.position & 1) == 0 ? state : sibling;
    State& right = (key.position & 1) == 0 ? sibling : state;
    kernel_.merge(left.planes(), right.planes(), left.elements(), left.count, right.count);
    left.count += right.count;
    if (&left != &state) state = std::move(sibling);
    key.position >>= 1;
    ++key.level;
  }
}

}  // namespace varve::exec
