#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "exec/constant_blocks.hpp"
#include "exec/merge_tree.hpp"
#include "exec/program_inputs.hpp"
#include "exec/tile_program.hpp"

namespace varve::exec {

/// Runs one stage: leases its memory, hands tiles to slots, merges partial reductions, flushes sinks.
class StageRunner {
 public:
  /// `stores` has one entry per value of the plan, null for those that do not live now. `sparse`: the tiles
  /// that are computed, where the others are constants, of a stage that is cut into its tiles; or null.
  StageRunner(const plan::Plan& plan, const plan::Stage& stage, const SparseTiles* sparse,
              std::vector<std::unique_ptr<ValueStore>>& stores, Engine& engine, RunContext& context);
  ~StageRunner();

  /// Runs all tiles. Errors reach the context; the caller rethrows them.
  void run();

 private:
  class Slot;

  void run_slot(int number);
  void run_all_tiles(int number, std::unique_ptr<Slot>& slot);
  void run_sparse_tiles(int number, std::unique_ptr<Slot>& slot);
  void run_tile(int number, std::int64_t index, Slot& slot);
  void add_constants(std::int64_t first, std::int64_t last, Slot& slot);
  void deliver_empty_reductions();
  void deliver(std::size_t sink, std::int64_t kept_tile, State&& state);
  [[nodiscard]] bool already_written(const Box& tile) const;
  [[nodiscard]] ValueStore& store(plan::ValueId value) const;
  [[nodiscard]] Box kept_box(std::size_t sink, std::int64_t kept_tile) const;

  const plan::Plan& plan_;
  const plan::Stage& stage_;
  const SparseTiles* sparse_;
  std::vector<std::unique_ptr<ValueStore>>& stores_;
  Engine& engine_;
  RunContext& context_;
  ChunkGrid cells_;  ///< reduction blocks of all sinks together
  std::vector<std::unique_ptr<MergeTree>> trees_;
  std::unique_ptr<ConstantBlocks> constants_;
  std::atomic<std::int64_t> next_tile_{0};  ///< or the number of one that is computed
  std::int64_t tile_count_ = 0;
};

}  // namespace varve::exec
