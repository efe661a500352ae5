#include "exec/reductions.hpp"

#include <algorithm>

#include "ops/reduce/reduce_table.hpp"

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

Reductions::Reductions(const plan::Stage& stage, const RunResources& resources)
    : stage_(stage), resources_(resources) {
  for (std::size_t sink = 0; sink < stage.reduces.size(); ++sink) {
    const plan::ReduceSink& reduce = stage.reduces[sink];
    trees_.push_back(std::make_unique<MergeTree>(
        kernel_of(reduce), block_count(reduce),
        [this, sink](std::int64_t kept_tile, State&& state) { deliver(sink, kept_tile, std::move(state)); }));
  }
}

StateKind Reductions::kind_of(std::size_t sink, std::int64_t kept_tile) const {
  if (sink >= trees_.size()) throw Error("a stage has no such reduction");
  const plan::ReduceSink& reduce = stage_.reduces[sink];
  std::int64_t kept_tiles = 1;
  StateKind kind{reduce.op, reduce.input_dtype, 0, 1};
  for (std::int64_t axis = 0; axis < stage_.domain.size(); ++axis) {
    if (reduce.reduces(axis))
      kind.max_count *= stage_.domain[axis];
    else
      kept_tiles *= stage_.tiling.tiles.count(axis);
  }
  if (kept_tile < 0 || kept_tile >= kept_tiles) throw Error("a reduction has no such tile");
  kind.elements = element_count(kept_box(sink, kept_tile).shape());
  return kind;
}

void Reductions::add(std::size_t sink, std::int64_t kept_tile, std::int64_t block, State&& state) {
  if (state.elements() != kind_of(sink, kept_tile).elements)
    throw Error("an accumulator has not the elements of its tile");
  trees_[sink]->add(kept_tile, block, std::move(state));
}

ValueStore& Reductions::store(plan::ValueId value) const {
  return *resources_.stores[static_cast<std::size_t>(value)];
}

Box Reductions::kept_box(std::size_t sink, std::int64_t kept_tile) const {
  const plan::ReduceSink& reduce = stage_.reduces[sink];
  ChunkIndex tile(stage_.domain.size(), 0);
  for (std::int64_t axis = tile.size() - 1; axis >= 0; --axis) {
    if (reduce.reduces(axis)) continue;
    tile[axis] = kept_tile % stage_.tiling.tiles.count(axis);
    kept_tile /= stage_.tiling.tiles.count(axis);
  }
  const Box box = stage_.tiling.tiles.box_of(tile);
  Box kept;
  for (std::int64_t axis = 0; axis < tile.size(); ++axis) {
    if (reduce.reduces(axis)) continue;
    kept.lo.push_back(box.lo[axis]);
    kept.hi.push_back(box.hi[axis]);
  }
  return kept;
}

void Reductions::deliver(std::size_t sink, std::int64_t kept_tile, State&& state) {
  const plan::ReduceSink& reduce = stage_.reduces[sink];
  ValueStore& target = store(reduce.value);
  const Buffer results =
      resources_.engine.memory()->pool.allocate(state.elements() * size_bytes(target.value().dtype));
  kernel_of(reduce).finish(state.planes(), results.data(), state.elements(), state.count, reduce.correction);
  require_positions(reduce, results, kept_box(sink, kept_tile), target.value().shape);
  resources_.context.count_written(target.put(kept_box(sink, kept_tile), results.data(), {}));
}

// A reduction of nothing: every result is what the empty accumulator finishes to.
void Reductions::deliver_empty() {
  for (const plan::ReduceSink& reduce : stage_.reduces) {
    ValueStore& target = store(reduce.value);
    const std::int64_t elements = element_count(target.value().shape);
    if (elements == 0) continue;
    const kernels::ReduceKernel& kernel = kernel_of(reduce);
    const State state(kernel, elements, resources_.engine.memory()->pool);
    const Buffer results =
        resources_.engine.memory()->pool.allocate(elements * size_bytes(target.value().dtype));
    kernel.finish(state.planes(), results.data(), elements, 0, reduce.correction);
    target.put(Box(target.value().shape), results.data(), {});
  }
}

}  // namespace varve::exec
