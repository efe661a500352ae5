#pragma once

#include <memory>
#include <vector>

#include "exec/constant_blocks.hpp"
#include "exec/dispenser.hpp"
#include "exec/reductions.hpp"
#include "exec/tile_runner.hpp"

namespace varve::exec {

/// Runs one stage: leases its memory, runs the tiles that the dispenser hands out in slots, merges their
/// partial reductions, and stores those that are finished.
class StageRunner {
 public:
  /// `sparse`: the tiles that are computed, where the others are constants, of a stage that is cut into its
  /// tiles; or null. The dispenser hands out the items of `item_count`.
  StageRunner(const plan::Stage& stage, const SparseTiles* sparse, const RunResources& resources,
              Dispenser& dispenser);

  /// Returns into how many numbered pieces of work a stage falls: tiles, or, where it is sparse, tiles that
  /// are computed, each with the constants before it, and the constants behind the last.
  [[nodiscard]] static std::int64_t item_count(const plan::Stage& stage, const SparseTiles* sparse);

  /// Runs until the dispenser has no more items. Errors reach the context; the caller rethrows them.
  void run();

 private:
  void run_slot(int number);
  void run_item(int number, std::int64_t tile, TileRunner& runner);
  void run_sparse_item(int number, std::int64_t item, TileRunner& runner);
  void run_tile(int number, std::int64_t tile, const std::optional<std::int64_t>& next, TileRunner& runner);
  void add_constants(std::int64_t first, std::int64_t last, TileRunner& runner);

  const plan::Stage& stage_;
  const SparseTiles* sparse_;
  RunResources resources_;
  Engine& engine_;
  RunContext& context_;
  Dispenser& dispenser_;
  Reductions reductions_;
  std::unique_ptr<ConstantBlocks> constants_;
};

}  // namespace varve::exec
