#include "exec/tile_runner.hpp"

#include <algorithm>

#include "plan/footprint.hpp"

namespace varve::exec {
namespace {

// The blocks of all reductions laid over each other; they agree where several reduce the same axis.
ChunkGrid common_cells(const plan::Stage& stage) {
  Shape chunks = stage.domain;
  Index offset(stage.domain.size(), 0);
  for (const plan::ReduceSink& sink : stage.reduces) {
    for (const std::int64_t axis : sink.axes) {
      chunks[axis] = sink.blocks.chunks()[axis];
      offset[axis] = sink.blocks.offset()[axis];
    }
  }
  return {stage.domain, chunks, offset};
}

std::int64_t volume_of(const Box& box, const std::vector<std::int64_t>& axes) {
  std::int64_t count = 1;
  for (const std::int64_t axis : axes) count *= box.extent(axis);
  return count;
}

// C-order strides, in elements, over the axes that the sink keeps.
ByteStrides kept_strides(const plan::ReduceSink& sink, const Shape& extents) {
  ByteStrides strides(extents.size(), 0);
  std::int64_t step = 1;
  for (std::int64_t axis = extents.size() - 1; axis >= 0; --axis) {
    if (sink.reduces(axis)) continue;
    strides[axis] = step;
    step *= extents[axis];
  }
  return strides;
}

std::int64_t block_number(const plan::ReduceSink& sink, const ChunkIndex& block) {
  std::int64_t number = 0;
  for (std::int64_t axis = 0; axis < block.size(); ++axis)
    number = number * sink.blocks.count(axis) + block[axis];
  return number;
}

std::int64_t kept_tile_of(const plan::Stage& stage, const plan::ReduceSink& sink, const ChunkIndex& tile) {
  std::int64_t number = 0;
  for (std::int64_t axis = 0; axis < tile.size(); ++axis) {
    if (!sink.reduces(axis)) number = number * stage.tiling.tiles.count(axis) + tile[axis];
  }
  return number;
}

}  // namespace

std::int64_t TileResult::bytes_written() const noexcept {
  std::int64_t bytes = 0;
  for (const StoredPiece& piece : stored) bytes += piece.bytes_written;
  return bytes;
}

TileRunner::TileRunner(const plan::Stage& stage, const RunResources& resources)
    : stage_(stage),
      resources_(resources),
      cells_(common_cells(stage)),
      in_place_(plan::makes_tiles_in_place(stage, resources.plan.values)),
      inputs_(stage.program, stage.tiling.steps, stage.tiling.workers, resources, in_place_),
      ahead_(stage),
      program_(stage, resources.engine.memory()->pool),
      writer_(stage, resources),
      partials_(stage.reduces.size()),
      cell_targets_(stage.reduces.size()) {}

TileResult TileRunner::run(std::int64_t tile, const std::optional<std::int64_t>& next) {
  const ChunkIndex index = stage_.tiling.tile_at(tile);
  const Box box = stage_.tiling.tiles.box_of(index);
  TileResult result;
  bytes_read_ = 0;
  begin_reductions(box);
  ahead_.begin(box, next ? std::optional(box_of(*next)) : std::nullopt);
  run_steps(box);
  if (resources_.context.should_stop()) return result;
  result.is_whole = true;
  result.bytes_read = bytes_read_;
  result.stored = writer_.store(box);
  result.reductions = take_reductions(index);
  return result;
}

bool TileRunner::is_done(std::int64_t tile) const {
  return stage_.reduces.empty() && !stage_.writes.empty() && writer_.is_stored(box_of(tile));
}

void TileRunner::begin_reductions(const Box& tile) {
  for (std::size_t i = 0; i < partials_.size(); ++i) {
    const plan::ReduceSink& sink = stage_.reduces[i];
    Partials& partials = partials_[i];
    partials.states.clear();
    partials.targets.clear();
    partials.block_range = sink.blocks.chunks_touching(tile);
    for_each_chunk(sink.blocks, tile,
                   [&](const ChunkIndex& block) { begin_block(sink, tile, block, partials); });
  }
}

void TileRunner::begin_block(const plan::ReduceSink& sink, const Box& tile, const ChunkIndex& block,
                             Partials& partials) {
  State state(kernel_of(sink), plan::kept_elements(sink, tile.shape()), resources_.engine.memory()->pool);
  ReduceTarget target;
  target.tile_lo = tile.lo;
  target.block = sink.blocks.box_of(block);
  target.elements = kept_strides(sink, tile.shape());
  std::copy_n(state.planes(), kernels::kMaxPlanes, target.planes);
  state.count = volume_of(target.block, sink.axes);
  partials.states.push_back({block_number(sink, block), std::move(state)});
  partials.targets.push_back(target);
}

// Stops early where the run does.
void TileRunner::run_steps(const Box& tile) {
  for (std::int64_t number = 0; number < ahead_.count(); ++number) {
    ahead_.announce_behind(number, inputs_);
    run_step(tile, ahead_.step(number));
    if (resources_.context.should_stop()) return;
  }
}

void TileRunner::run_step(const Box& tile, const Box& step) {
  if (in_place_) {
    bytes_read_ += inputs_.make(tile, writer_.whole_tile(tile));
    return;
  }
  bytes_read_ += inputs_.load(step);
  const std::vector<WriteTarget>& writes = writer_.targets(tile, step.lo);
  for_each_chunk(cells_, step, [&](const ChunkIndex& cell) {
    for (std::size_t i = 0; i < partials_.size(); ++i) cell_targets_[i] = target_of(i, cell);
    program_.run(intersect(cells_.box_of(cell), step), step.lo, inputs_.loaded(), writes, cell_targets_);
  });
}

// The accumulator of the sink's own block that holds a cell.
const ReduceTarget& TileRunner::target_of(std::size_t sink, const ChunkIndex& cell) const {
  const Partials& partials = partials_[sink];
  std::int64_t number = 0;
  for (std::int64_t axis = 0; axis < cell.size(); ++axis) {
    const std::int64_t block = stage_.reduces[sink].reduces(axis) ? cell[axis] : 0;
    number = number * partials.block_range.extent(axis) + block - partials.block_range.lo[axis];
  }
  return partials.targets[static_cast<std::size_t>(number)];
}

std::vector<TileReduction> TileRunner::take_reductions(const ChunkIndex& tile) {
  std::vector<TileReduction> reductions;
  for (std::size_t i = 0; i < partials_.size(); ++i) {
    reductions.push_back({kept_tile_of(stage_, stage_.reduces[i], tile), std::move(partials_[i].states)});
    partials_[i].states.clear();
  }
  return reductions;
}

}  // namespace varve::exec
