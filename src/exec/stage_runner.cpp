#include "exec/stage_runner.hpp"

#include <algorithm>

namespace varve::exec {

StageRunner::StageRunner(const plan::Stage& stage, const SparseTiles* sparse, const RunResources& resources,
                         Dispenser& dispenser)
    : stage_(stage),
      sparse_(sparse),
      resources_(resources),
      engine_(resources.engine),
      context_(resources.context),
      dispenser_(dispenser),
      reductions_(stage, resources) {
  if (sparse != nullptr) constants_ = std::make_unique<ConstantBlocks>(stage, engine_.memory()->pool);
}

std::int64_t StageRunner::item_count(const plan::Stage& stage, const SparseTiles* sparse) {
  if (sparse == nullptr) return stage.tiling.tiles.chunk_count();
  return static_cast<std::int64_t>(sparse->computed.size()) + 1;
}

void StageRunner::run() {
  const Lease lease = engine_.memory()->budget.acquire(stage_.tiling.bytes());
  if (stage_.tiling.tiles.chunk_count() == 0) {
    reductions_.deliver_empty();
    return;
  }
  FetchAhead ahead(stage_.tiling.fetch_bytes, engine_.memory()->pool);
  if (stage_.tiling.fetch_bytes > 0) resources_.ahead = &ahead;
  engine_.for_each_slot(stage_.tiling.slots, [this](int number) { run_slot(number); });
  resources_.ahead = nullptr;
  reductions_.clear();
}

void StageRunner::run_slot(int number) {
  try {
    std::unique_ptr<TileRunner> runner;
    while (!context_.should_stop()) {
      const std::optional<std::int64_t> item = dispenser_.next();
      if (!item) break;
      if (!runner) runner = std::make_unique<TileRunner>(stage_, resources_);
      if (sparse_ != nullptr)
        run_sparse_item(number, *item, *runner);
      else
        run_item(number, *item, *runner);
    }
  } catch (...) {
    context_.fail(std::current_exception());
  }
}

void StageRunner::run_item(int number, std::int64_t tile, TileRunner& runner) {
  if (runner.is_done(tile)) return context_.finish_tile(0, 0);
  std::optional<std::int64_t> next(tile + stage_.tiling.slots);
  if (*next >= stage_.tiling.tiles.chunk_count()) next.reset();
  run_tile(number, tile, next, runner);
}

void StageRunner::run_tile(int number, std::int64_t tile, const std::optional<std::int64_t>& next,
                           TileRunner& runner) {
  const double begin = context_.tracing ? context_.microseconds() : 0;
  TileResult result = runner.run(tile, next);
  for (std::size_t sink = 0; sink < result.reductions.size(); ++sink) {
    TileReduction& reduction = result.reductions[sink];
    for (BlockState& block : reduction.blocks)
      reductions_.add(sink, reduction.kept_tile, block.block, std::move(block.state));
  }
  context_.finish_tile(result.bytes_read, result.bytes_written());
  if (context_.tracing) context_.trace({"tile", number, tile, begin, context_.microseconds()});
}

// Each tile that is computed comes with the constants before it, so that accumulators find their neighbours
// as soon as in a run that computes all.
void StageRunner::run_sparse_item(int number, std::int64_t item, TileRunner& runner) {
  const std::vector<std::int64_t>& computed = sparse_->computed;
  const auto at = static_cast<std::size_t>(item);
  const std::int64_t last = at < computed.size() ? computed[at] : stage_.tiling.tiles.chunk_count();
  add_constants(at == 0 ? 0 : computed[at - 1] + 1, last, runner);
  if (at < computed.size() && !context_.should_stop()) run_tile(number, last, std::nullopt, runner);
}

void StageRunner::add_constants(std::int64_t first, std::int64_t last, TileRunner& runner) {
  const std::int64_t blocks = constants_->block_count();
  const auto compute = [&](std::int64_t tile) {
    std::vector<State> states;
    for (TileReduction& reduction : runner.run(tile).reductions)
      states.push_back(std::move(reduction.blocks.front().state));
    return states;
  };
  while (first < last && !context_.should_stop()) {
    const std::int64_t kept_tile = first / blocks;
    const std::int64_t end = std::min(last, (kept_tile + 1) * blocks);
    constants_->add(kept_tile, first - kept_tile * blocks, end - kept_tile * blocks, compute,
                    reductions_.trees());
    context_.finish_tiles(end - first);
    first = end;
  }
}

}  // namespace varve::exec
