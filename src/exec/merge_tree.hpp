#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "exec/state.hpp"

namespace varve::exec {

/// Merges the partial results of a reduction in a fixed pairwise tree over the block index: which pairs are
/// merged never depends on the order in which blocks arrive. Thread-safe; merging itself happens outside the
/// lock.
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
  /// Adds the merged state of 2^level whole blocks, from number position x 2^level on.
  void add(std::int64_t kept_tile, std::int64_t level, std::int64_t position, State&& state);

 private:
  /// Is the place of a subtree: kept tile, level above the blocks, position in that level.
  struct Key {
    std::int64_t kept_tile;
    std::int64_t level;
    std::int64_t position;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] bool take_sibling(Key& key, State& state, State& sibling);

  const kernels::ReduceKernel& kernel_;
  std::int64_t block_count_;
  Deliver deliver_;
  std::mutex mutex_;
  std::map<Key, State> waiting_;
};

}  // namespace varve::exec
