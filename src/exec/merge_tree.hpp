#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "exec/interval_set.hpp"
#include "exec/state.hpp"

namespace varve::exec {

/// Merges the partial results of a reduction in a fixed pairwise tree over the block index: which pairs are
/// merged never depends on the order in which blocks arrive. Blocks may come more than once, alone or in
/// subtrees: a subtree all of whose blocks came is dropped, and one that holds some which came takes their
/// place, which changes no bit, as the tree is fixed. Thread-safe; merging itself happens outside the lock.
class MergeTree {
 public:
  /// `deliver` gets each finished accumulator with the key of its kept tile, once, on the thread that
  /// finished it.
  using Deliver = std::function<void(std::int64_t kept_tile, State&&)>;

  MergeTree(const kernels::ReduceKernel& kernel, std::int64_t block_count, Deliver deliver)
      : kernel_(kernel), block_count_(block_count), deliver_(std::move(deliver)) {}

  void add(std::int64_t kept_tile, std::int64_t block, State&& state) {
    add(kept_tile, 0, block, std::move(state));
  }
  /// Adds the merged state of 2^level whole blocks, from number position x 2^level on; fewer at the end.
  void add(std::int64_t kept_tile, std::int64_t level, std::int64_t position, State&& state);

  /// Returns how many states wait for their siblings, or are being merged.
  [[nodiscard]] std::size_t waiting_count();
  /// Returns how many intervals it takes to remember which blocks came.
  [[nodiscard]] std::size_t interval_count();

 private:
  /// The place of a subtree: kept tile, level above the blocks, position in that level.
  struct Key {
    std::int64_t kept_tile;
    std::int64_t level;
    std::int64_t position;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] std::int64_t nodes(std::int64_t level) const;
  [[nodiscard]] bool is_root(const Key& key) const { return nodes(key.level) == 1; }
  [[nodiscard]] Key climbed(Key key) const;
  [[nodiscard]] bool admit(const Key& key);
  void forget_parts(const Key& key);
  [[nodiscard]] bool take_sibling(Key& key, State& state, State& sibling);

  const kernels::ReduceKernel& kernel_;
  std::int64_t block_count_;
  Deliver deliver_;
  std::mutex mutex_;
  std::map<Key, State> waiting_;  ///< an empty state: a thread has it, and will come back
  /// Blocks that came, by number over all kept tiles: a kept tile that was delivered is one interval, or part
  /// of one. There are no more intervals than subtrees that wait and kept tiles that were delivered before
  /// their neighbours.
  IntervalSet came_;
};

}  // namespace varve::exec
