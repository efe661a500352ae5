#pragma once

#include <vector>

#include "exec/program_inputs.hpp"
#include "exec/state.hpp"
#include "exec/steps_ahead.hpp"
#include "exec/tile_program.hpp"
#include "exec/tile_writer.hpp"

namespace varve::exec {

/// The accumulator of a reduction block, by its number in the merge tree.
struct BlockState {
  std::int64_t block = 0;
  State state;
};

/// What a tile gives to one reduction.
struct TileReduction {
  std::int64_t kept_tile = 0;  ///< number of the tile among those of the kept axes
  std::vector<BlockState> blocks;
};

/// What a tile came to.
struct TileResult {
  bool is_whole = false;                  ///< false: the run stopped meanwhile, and nothing else is set
  std::vector<TileReduction> reductions;  ///< one per reduction of the stage
  std::vector<StoredPiece> stored;        ///< one per write sink of the stage
  std::int64_t bytes_read = 0;

  [[nodiscard]] std::int64_t bytes_written() const noexcept;
};

/// Runs tiles of one stage, one at a time, in buffers that it makes once. A tile may run more than once, here
/// or in another runner: each time it stores the same bytes and gives equal states. Belongs to one thread;
/// two runners must not run tiles that store the same elements at the same time.
class TileRunner {
 public:
  TileRunner(const plan::Stage& stage, const RunResources& resources);

  /// Runs tile number `tile` in the order of dispensing. `next`: one that comes soon, here or elsewhere,
  /// whose inputs are worth fetching.
  [[nodiscard]] TileResult run(std::int64_t tile, const std::optional<std::int64_t>& next = {});
  /// Tells whether what tile `tile` would make is in the outputs already: of a run that is resumed. Only
  /// stages that do nothing but write outputs can skip tiles: a reduction needs every element.
  [[nodiscard]] bool is_done(std::int64_t tile) const;

 private:
  /// The accumulators of one reduction while the tile runs.
  struct Partials {
    Box block_range;  ///< chunk coordinates of the blocks in the tile
    std::vector<BlockState> states;
    std::vector<ReduceTarget> targets;  ///< one per state
  };

  [[nodiscard]] Box box_of(std::int64_t tile) const {
    return stage_.tiling.tiles.box_of(stage_.tiling.tile_at(tile));
  }
  void begin_reductions(const Box& tile);
  void begin_block(const plan::ReduceSink& sink, const Box& tile, const ChunkIndex& block,
                   Partials& partials);
  void run_steps(const Box& tile);
  void run_step(const Box& tile, const Box& step);
  [[nodiscard]] const ReduceTarget& target_of(std::size_t sink, const ChunkIndex& cell) const;
  [[nodiscard]] std::vector<TileReduction> take_reductions(const ChunkIndex& tile);

  const plan::Stage& stage_;
  RunResources resources_;
  ChunkGrid cells_;  ///< reduction blocks of all sinks together
  bool in_place_;    ///< steps are whole tiles then
  ProgramInputs inputs_;
  StepsAhead ahead_;
  TileProgram program_;
  TileWriter writer_;
  std::vector<Partials> partials_;
  std::vector<ReduceTarget> cell_targets_;
  std::int64_t bytes_read_ = 0;
};

}  // namespace varve::exec
