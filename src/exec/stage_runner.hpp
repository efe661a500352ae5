#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "exec/merge_tree.hpp"
#include "exec/program_inputs.hpp"
#include "exec/tile_program.hpp"

namespace varve::exec {

/// Runs one stage: leases its memory, hands tiles to slots, merges partial reductions, flushes sinks.
class StageRunner {
 public:
  /// `stores` has one entry per value of the plan, null for those that do not live now.
  StageRunner(const plan::Plan& plan, const plan::Stage& stage,
              std::vector<std::unique_ptr<ValueStore>>& stores, Engine& engine, RunContext& context);
  ~StageRunner();

  /// Runs all tiles. Errors reach the context; the caller rethrows them.
  void run();

 private:
  class Slot;

  void run_slot(int number);
  void deliver_empty_reductions();
  void deliver(std::size_t sink, std::int64_t kept_tile, State&& state);
  [[nodiscard]] bool already_written(const Box& tile) const;
  [[nodiscard]] ValueStore& store(plan::ValueId value) const;
  [[nodiscard]] Box kept_box(std::size_t sink, std::int64_t kept_tile) const;

  const plan::Plan& plan_;
  const plan::Stage& stage_;
  std::vector<std::unique_ptr<ValueStore>>& stores_;
  Engine& engine_;
  RunContext& context_;
  ChunkGrid cells_;  ///< reduction blocks of all sinks together
  std::vector<std::unique_ptr<MergeTree>> trees_;
  std::atomic<std::int64_t> next_tile_{0};
  std::int64_t tile_count_ = 0;
};

}  // namespace varve::exec
