#pragma once

#include <memory>
#include <vector>

#include "exec/merge_tree.hpp"
#include "exec/program_inputs.hpp"
#include "exec/state_coding.hpp"

namespace varve::exec {

/// Merges what the tiles of a stage give to its reductions, and stores each result when it is finished. Where
/// the tiles ran, here or in other processes, in which order and how often, changes no bit. Thread-safe.
class Reductions {
 public:
  Reductions(const plan::Stage& stage, const RunResources& resources);

  /// Returns what the accumulators are that a reduction gets from the tile with number `kept_tile` among
  /// those of the kept axes; the hash is the caller's. Errors: Error, if there is no such reduction or tile.
  [[nodiscard]] StateKind kind_of(std::size_t sink, std::int64_t kept_tile) const;
  /// Adds the accumulator of a reduction block of such a tile. Errors: Error, if there is no such reduction,
  /// tile or block, or if the accumulator has not the tile's elements.
  void add(std::size_t sink, std::int64_t kept_tile, std::int64_t block, State&& state);
  /// Stores the results of a stage without tiles: what empty accumulators finish to.
  void deliver_empty();
  /// Gives back what waits to be merged, of a run that stopped: its memory is leased for the stage.
  void clear() { trees_.clear(); }
  [[nodiscard]] const std::vector<std::unique_ptr<MergeTree>>& trees() const noexcept { return trees_; }

 private:
  void deliver(std::size_t sink, std::int64_t kept_tile, State&& state);
  [[nodiscard]] ValueStore& store(plan::ValueId value) const;
  [[nodiscard]] Box kept_box(std::size_t sink, std::int64_t kept_tile) const;

  const plan::Stage& stage_;
  RunResources resources_;
  std::vector<std::unique_ptr<MergeTree>> trees_;
};

}  // namespace varve::exec
