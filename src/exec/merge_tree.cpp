#include "exec/merge_tree.hpp"

#include <algorithm>

#include "varve/core/error.hpp"

namespace varve::exec {

std::int64_t MergeTree::nodes(std::int64_t level) const {
  return level > 62 ? 1 : ((block_count_ - 1) >> level) + 1;
}

// The same blocks at the level where they have a sibling, or are all.
MergeTree::Key MergeTree::climbed(Key key) const {
  while (!is_root(key) && (key.position ^ 1) >= nodes(key.level)) {
    key.position >>= 1;
    ++key.level;
  }
  return key;
}

// Marks the blocks of a subtree as come; returns false if all of them were.
bool MergeTree::admit(const Key& key) {
  const std::lock_guard lock(mutex_);
  const std::int64_t start = is_root(key) ? 0 : key.position << key.level;
  const std::int64_t size = is_root(key) ? block_count_ : std::int64_t{1} << key.level;
  const std::int64_t lo = key.kept_tile * block_count_ + start;
  const std::int64_t hi = key.kept_tile * block_count_ + std::min(start + size, block_count_);
  if (came_.covers(lo, hi)) return false;
  if (came_.touches(lo, hi)) forget_parts(key);
  came_.add(lo, hi);
  if (!is_root(key)) waiting_.emplace(key, State());
  return true;
}

// Drops the states of parts of a subtree: those that wait at once, and those that are being merged when they
// come back.
void MergeTree::forget_parts(const Key& key) {
  if (is_root(key)) {
    waiting_.erase(waiting_.lower_bound({key.kept_tile, 0, 0}),
                   waiting_.lower_bound({key.kept_tile + 1, 0, 0}));
    return;
  }
  for (std::int64_t below = 1; below <= key.level; ++below) {
    const std::int64_t level = key.level - below;
    const std::int64_t first = key.position << below;
    waiting_.erase(waiting_.lower_bound({key.kept_tile, level, first}),
                   waiting_.lower_bound({key.kept_tile, level, first + (std::int64_t{1} << below)}));
  }
}

// Takes the sibling of the subtree `key`, and moves up to their parent. Returns false where there is nothing
// to merge yet: the state waits then, or is dropped if a larger subtree came meanwhile.
bool MergeTree::take_sibling(Key& key, State& state, State& sibling) {
  const std::lock_guard lock(mutex_);
  const auto own = waiting_.find(key);
  if (own == waiting_.end()) return false;
  const auto found = waiting_.find({key.kept_tile, key.level, key.position ^ 1});
  if (found == waiting_.end() || found->second.elements() == 0) {
    own->second = std::move(state);
    return false;
  }
  sibling = std::move(found->second);
  waiting_.erase(own);
  waiting_.erase(found);
  key = climbed({key.kept_tile, key.level + 1, key.position >> 1});
  if (!is_root(key)) waiting_.emplace(key, State());
  return true;
}

void MergeTree::add(std::int64_t kept_tile, std::int64_t level, std::int64_t position, State&& state) {
  if (position < 0 || position >= nodes(level)) throw Error("a reduction has no such block");
  Key key = climbed({kept_tile, level, position});
  if (!admit(key)) return;
  while (!is_root(key)) {
    const bool is_left = (key.position & 1) == 0;
    State sibling;
    if (!take_sibling(key, state, sibling)) return;
    State& left = is_left ? state : sibling;
    State& right = is_left ? sibling : state;
    kernel_.merge(left.planes(), right.planes(), left.elements(), left.count, right.count);
    left.count += right.count;
    if (!is_left) state = std::move(sibling);
  }
  deliver_(kept_tile, std::move(state));
}

std::size_t MergeTree::waiting_count() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::size_t MergeTree::interval_count() {
  const std::lock_guard lock(mutex_);
  return came_.interval_count();
}

}  // namespace varve::exec
