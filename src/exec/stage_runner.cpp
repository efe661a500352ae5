#include "exec/stage_runner.hpp"

#include <algorithm>

#include "ops/reduce_table.hpp"

namespace varve::exec {
namespace {

std::int64_t block_count(const plan::ReduceSink& sink) {
  std::int64_t count = 1;
  for (const std::int64_t axis : sink.axes) count *= sink.blocks.count(axis);
  return count;
}

// Fails where a position was asked for and there is none: its -1 would index the last element.
void require_positions(const plan::ReduceSink& sink, const Buffer& results, const Box& kept,
                       const Shape& shape) {
  const ops::ReduceRow& row = ops::reduce_row(sink.op);
  if (!row.needs_numbers) return;
  const auto* positions = reinterpret_cast<const std::int64_t*>(results.data());
  const std::int64_t* end = positions + element_count(kept.shape());
  const std::int64_t* missing = std::find(positions, end, -1);
  if (missing == end) return;
  std::int64_t rest = missing - positions;
  Shape at = kept.shape();
  for (std::int64_t axis = at.size() - 1; axis >= 0; --axis) {
    const std::int64_t extent = kept.extent(axis);
    at[axis] = kept.lo[axis] + rest % extent;
    rest /= extent;
  }
  const std::string plain(row.name.substr(3));
  throw Error(std::string(row.name) + ": all elements are NaN" +
              (at.size() == 0 ? "" : " for " + to_string(at) + " of a result of shape " + to_string(shape)) +
              ", so there is no position to give; " + plain + " gives that of a NaN, " + plain +
              "(nan_to_num(x, ...)) that of a number in its place");
}

}  // namespace

StageRunner::StageRunner(const plan::Stage& stage, const SparseTiles* sparse, const RunResources& resources,
                         Dispenser& dispenser)
    : stage_(stage),
      sparse_(sparse),
      resources_(resources),
      engine_(resources.engine),
      context_(resources.context),
      dispenser_(dispenser) {
  if (sparse != nullptr) constants_ = std::make_unique<ConstantBlocks>(stage, engine_.memory()->pool);
  for (std::size_t sink = 0; sink < stage.reduces.size(); ++sink) {
    const plan::ReduceSink& reduce = stage.reduces[sink];
    trees_.push_back(std::make_unique<MergeTree>(
        kernel_of(reduce), block_count(reduce),
        [this, sink](std::int64_t kept_tile, State&& state) { deliver(sink, kept_tile, std::move(state)); }));
  }
}

std::int64_t StageRunner::item_count(const plan::Stage& stage, const SparseTiles* sparse) {
  if (sparse == nullptr) return stage.tiles.chunk_count();
  return static_cast<std::int64_t>(sparse->computed.size()) + 1;
}

ValueStore& StageRunner::store(plan::ValueId value) const {
  return *resources_.stores[static_cast<std::size_t>(value)];
}

void StageRunner::run() {
  const Lease lease = engine_.memory()->budget.acquire(stage_.state_bytes + stage_.slots * stage_.slot_bytes);
  if (stage_.tiles.chunk_count() == 0) {
    deliver_empty_reductions();
    return;
  }
  engine_.for_each_slot(stage_.slots, [this](int number) { run_slot(number); });
  trees_.clear();
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
  if (tile + stage_.slots < stage_.tiles.chunk_count()) runner.prefetch(tile + stage_.slots);
  run_tile(number, tile, runner);
}

void StageRunner::run_tile(int number, std::int64_t tile, TileRunner& runner) {
  const double begin = context_.tracing ? context_.microseconds() : 0;
  TileResult result = runner.run(tile);
  for (std::size_t sink = 0; sink < result.reductions.size(); ++sink) {
    TileReduction& reduction = result.reductions[sink];
    for (BlockState& block : reduction.blocks)
      trees_[sink]->add(reduction.kept_tile, block.block, std::move(block.state));
  }
  context_.finish_tile(result.bytes_read, result.bytes_written());
  if (context_.tracing) context_.trace({"tile", number, tile, begin, context_.microseconds()});
}

// Each tile that is computed comes with the constants before it, so that accumulators find their neighbours
// as soon as in a run that computes all.
void StageRunner::run_sparse_item(int number, std::int64_t item, TileRunner& runner) {
  const std::vector<std::int64_t>& computed = sparse_->computed;
  const auto at = static_cast<std::size_t>(item);
  const std::int64_t last = at < computed.size() ? computed[at] : stage_.tiles.chunk_count();
  add_constants(at == 0 ? 0 : computed[at - 1] + 1, last, runner);
  if (at < computed.size() && !context_.should_stop()) run_tile(number, last, runner);
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
    constants_->add(kept_tile, first - kept_tile * blocks, end - kept_tile * blocks, compute, trees_);
    context_.finish_tiles(end - first);
    first = end;
  }
}

Box StageRunner::kept_box(std::size_t sink, std::int64_t kept_tile) const {
  const plan::ReduceSink& reduce = stage_.reduces[sink];
  ChunkIndex tile(stage_.domain.size(), 0);
  for (std::int64_t axis = tile.size() - 1; axis >= 0; --axis) {
    if (reduce.reduces(axis)) continue;
    tile[axis] = kept_tile % stage_.tiles.count(axis);
    kept_tile /= stage_.tiles.count(axis);
  }
  const Box box = stage_.tiles.box_of(tile);
  Box kept;
  for (std::int64_t axis = 0; axis < tile.size(); ++axis) {
    if (reduce.reduces(axis)) continue;
    kept.lo.push_back(box.lo[axis]);
    kept.hi.push_back(box.hi[axis]);
  }
  return kept;
}

void StageRunner::deliver(std::size_t sink, std::int64_t kept_tile, State&& state) {
  const plan::ReduceSink& reduce = stage_.reduces[sink];
  ValueStore& target = store(reduce.value);
  const Buffer results = engine_.memory()->pool.allocate(state.elements() * size_bytes(target.value().dtype));
  kernel_of(reduce).finish(state.planes(), results.data(), state.elements(), state.count, reduce.correction);
  require_positions(reduce, results, kept_box(sink, kept_tile), target.value().shape);
  context_.count_written(target.put(kept_box(sink, kept_tile), results.data(), {}));
}

// A reduction of nothing: every result is what the empty accumulator finishes to.
void StageRunner::deliver_empty_reductions() {
  for (const plan::ReduceSink& reduce : stage_.reduces) {
    ValueStore& target = store(reduce.value);
    const std::int64_t elements = element_count(target.value().shape);
    if (elements == 0) continue;
    const kernels::ReduceKernel& kernel = kernel_of(reduce);
    const State state(kernel, elements, engine_.memory()->pool);
    const Buffer results = engine_.memory()->pool.allocate(elements * size_bytes(target.value().dtype));
    kernel.finish(state.planes(), results.data(), elements, 0, reduce.correction);
    target.put(Box(target.value().shape), results.data(), {});
  }
}

}  // namespace varve::exec
