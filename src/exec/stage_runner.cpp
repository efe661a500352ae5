#include "exec/stage_runner.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/copy.hpp"
#include "ops/reduce_table.hpp"
#include "plan/footprint.hpp"

namespace varve::exec {
namespace {

const kernels::ReduceKernel& kernel_of(const plan::ReduceSink& sink) {
  return *kernels::find_reduce(sink.op, sink.input_dtype);
}

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

std::int64_t block_count(const plan::ReduceSink& sink) {
  std::int64_t count = 1;
  for (const std::int64_t axis : sink.axes) count *= sink.blocks.count(axis);
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

/// Holds the buffers of one tile at a time: made once, reused for every tile of the slot.
class StageRunner::Slot {
 public:
  explicit Slot(StageRunner& runner)
      : runner_(runner),
        stage_(runner.stage_),
        in_place_(plan::makes_tiles_in_place(stage_, runner.plan_.values)),
        inputs_(stage_.program, stage_.steps, stage_.workers,
                {runner.plan_, runner.stores_, runner.engine_, runner.context_}, in_place_),
        program_(stage_, runner.engine_.memory()->pool) {
    BufferPool& pool = runner.engine_.memory()->pool;
    for (const plan::WriteSink& sink : stage_.writes) {
      const plan::Value& value = runner.store(sink.value).value();
      const std::int64_t element = size_bytes(value.dtype);
      WriteBuffers buffers;
      if (value.placement != plan::Placement::memory) {
        buffers.tile = pool.allocate(element_count(stage_.tiles.chunks()) * element);
      }
      if (value.placement == plan::Placement::scratch) {
        buffers.workspace =
            pool.allocate(plan::scratch_workspace_bytes(value, stage_.tiles.chunks(), value.scratch_tile));
      }
      if (value.placement == plan::Placement::output) {
        const std::int64_t chunk = element_count(value.output_chunks.chunks()) * element;
        for (int writer = 0; writer < plan::chunk_writers(stage_, value); ++writer) {
          buffers.chunks.push_back(
              {pool.allocate(chunk), pool.allocate_untouched(value.write_workspace_bytes)});
        }
      }
      writes_.push_back(std::move(buffers));
    }
    targets_.resize(writes_.size());
    reduces_.resize(stage_.reduces.size());
    cell_targets_.resize(stage_.reduces.size());
  }

  void run_tile(const Box& tile, const ChunkIndex& tile_index) {
    bytes_read_ = 0;
    bytes_written_ = 0;
    begin_reductions(tile);
    run_steps(tile);
    if (runner_.context_.should_stop()) return;
    for (std::size_t sink = 0; sink < writes_.size(); ++sink) flush(sink, tile);
    end_reductions(tile_index);
  }

  /// Returns the accumulators of a tile of one block, or nothing if the run stops.
  std::vector<State> reduce(const Box& tile) {
    bytes_read_ = 0;
    begin_reductions(tile);
    run_steps(tile);
    std::vector<State> states;
    for (TileReduction& reduction : reduces_) {
      if (!runner_.context_.should_stop()) states.push_back(std::move(reduction.partials.front().state));
      reduction.partials.clear();
    }
    return states.size() == reduces_.size() ? std::move(states) : std::vector<State>();
  }

  void prefetch(const Box& tile) const { inputs_.prefetch(tile); }

  [[nodiscard]] std::int64_t bytes_read() const noexcept { return bytes_read_; }
  [[nodiscard]] std::int64_t bytes_written() const noexcept { return bytes_written_; }

 private:
  /// Is what one thread writes chunks with.
  struct ChunkBuffers {
    Buffer bytes;
    Buffer workspace;
  };
  struct WriteBuffers {
    Buffer tile;
    Buffer workspace;                  ///< for scratch
    std::vector<ChunkBuffers> chunks;  ///< for outputs, one per writer
  };
  /// Is a reduction block of the tile with its accumulator.
  struct Partial {
    std::int64_t block = 0;  ///< number in the sink's tree
    State state;
    ReduceTarget target;
  };
  struct TileReduction {
    Box block_range;  ///< chunk coordinates of the blocks in the tile
    std::vector<Partial> partials;
  };

  void begin_reductions(const Box& tile) {
    for (std::size_t i = 0; i < reduces_.size(); ++i) {
      const plan::ReduceSink& sink = stage_.reduces[i];
      TileReduction& reduction = reduces_[i];
      reduction.partials.clear();
      reduction.block_range = sink.blocks.chunks_touching(tile);
      const ByteStrides strides = kept_strides(sink, tile.shape());
      const std::int64_t kept = plan::kept_elements(sink, tile.shape());
      const Shape all_blocks = sink.blocks.counts();
      const Shape here = reduction.block_range.shape();
      ChunkIndex relative(here.size(), 0);
      do {
        ChunkIndex block = relative;
        std::int64_t number = 0;
        for (std::int64_t axis = 0; axis < block.size(); ++axis) {
          block[axis] += reduction.block_range.lo[axis];
          number = number * all_blocks[axis] + block[axis];
        }
        Partial partial;
        partial.block = number;
        partial.state = State(kernel_of(sink), kept, runner_.engine_.memory()->pool);
        partial.target.tile_lo = tile.lo;
        partial.target.block = sink.blocks.box_of(block);
        partial.target.elements = strides;
        std::copy_n(partial.state.planes(), kernels::kMaxPlanes, partial.target.planes);
        partial.state.count = volume_of(partial.target.block, sink.axes);
        reduction.partials.push_back(std::move(partial));
      } while (next_index(relative, here));
    }
  }

  // Stops early where the run does.
  void run_steps(const Box& tile) {
    const Box steps = stage_.steps.chunks_touching(tile);
    const Shape counts = steps.shape();
    ChunkIndex relative(counts.size(), 0);
    do {
      ChunkIndex step = relative;
      for (std::int64_t axis = 0; axis < step.size(); ++axis) step[axis] += steps.lo[axis];
      run_step(tile, intersect(stage_.steps.box_of(step), tile));
    } while (!runner_.context_.should_stop() && next_index(relative, counts));
  }

  void run_step(const Box& tile, const Box& step) {
    if (in_place_) {
      const StridedView target(writes_[0].tile.data(), runner_.store(stage_.writes[0].value).value().dtype,
                               tile.shape());
      bytes_read_ += inputs_.make(tile, target);
      return;
    }
    bytes_read_ += inputs_.load(step);
    for (std::size_t i = 0; i < writes_.size(); ++i) targets_[i] = write_target(i, tile, step.lo);
    const Box cells = runner_.cells_.chunks_touching(step);
    const Shape counts = cells.shape();
    ChunkIndex relative(counts.size(), 0);
    do {
      ChunkIndex cell = relative;
      for (std::int64_t axis = 0; axis < cell.size(); ++axis) cell[axis] += cells.lo[axis];
      for (std::size_t i = 0; i < reduces_.size(); ++i) cell_targets_[i] = partial_of(i, cell).target;
      program_.run(intersect(runner_.cells_.box_of(cell), step), step.lo, inputs_.loaded(), targets_,
                   cell_targets_);
    } while (next_index(relative, counts));
  }

  // The accumulator of the sink's own block that holds a cell.
  const Partial& partial_of(std::size_t sink, const ChunkIndex& cell) const {
    const TileReduction& reduction = reduces_[sink];
    std::int64_t number = 0;
    for (std::int64_t axis = 0; axis < cell.size(); ++axis) {
      const std::int64_t block = stage_.reduces[sink].reduces(axis) ? cell[axis] : 0;
      number = number * reduction.block_range.extent(axis) + block - reduction.block_range.lo[axis];
    }
    return reduction.partials[static_cast<std::size_t>(number)];
  }

  WriteTarget write_target(std::size_t sink, const Box& tile, const Index& step_lo) const {
    const ValueStore& store = runner_.store(stage_.writes[sink].value);
    const bool direct = store.value().placement == plan::Placement::memory;
    const StridedView view =
        direct ? store.memory() : StridedView(writes_[sink].tile.data(), store.value().dtype, tile.shape());
    WriteTarget target{view.data, view.byte_strides};
    for (std::int64_t axis = 0; axis < step_lo.size(); ++axis) {
      target.data += (step_lo[axis] - (direct ? 0 : tile.lo[axis])) * view.byte_strides[axis];
    }
    return target;
  }

  void flush(std::size_t sink, const Box& tile) {
    ValueStore& store = runner_.store(stage_.writes[sink].value);
    if (store.value().placement == plan::Placement::memory) return;
    if (store.value().placement == plan::Placement::scratch) {
      bytes_written_ += store.put(tile, writes_[sink].tile.data(), writes_[sink].workspace.span());
      return;
    }
    const Box chunks = store.value().output_chunks.chunks_touching(tile);
    const Shape counts = chunks.shape();
    const std::int64_t count = element_count(counts);
    std::atomic<std::int64_t> next{0};
    std::atomic<std::int64_t> written{0};
    runner_.engine_.for_each_slot(static_cast<int>(writes_[sink].chunks.size()), [&](int writer) {
      for (std::int64_t number = next++; number < count; number = next++) {
        ChunkIndex chunk(counts.size(), 0);
        std::int64_t rest = number;
        for (std::int64_t axis = counts.size() - 1; axis >= 0; --axis) {
          chunk[axis] = chunks.lo[axis] + rest % counts[axis];
          rest /= counts[axis];
        }
        written += write_chunk(store, chunk, tile, writes_[sink].tile,
                               writes_[sink].chunks[static_cast<std::size_t>(writer)]);
      }
    });
    bytes_written_ += written;
  }

  static std::int64_t write_chunk(ValueStore& store, const ChunkIndex& chunk, const Box& tile,
                                  const Buffer& values, const ChunkBuffers& buffers) {
    const ChunkGrid& grid = store.value().output_chunks;
    const Box box = grid.box_of(chunk);
    std::span<std::byte> bytes = buffers.bytes.span();
    const bool is_tile = box == tile && box.shape() == grid.chunks();
    if (is_tile) {
      bytes = values.span().first(bytes.size());
    } else {
      const StridedView target(bytes.data(), store.value().dtype, grid.chunks());
      if (!(box.shape() == grid.chunks())) std::memset(bytes.data(), 0, bytes.size());
      const ConstStridedView source(values.data(), store.value().dtype, tile.shape());
      kernels::copy(source.sub(relative_to(box, tile.lo)), target.sub(relative_to(box, box.lo)));
    }
    return store.writer()->write_chunk(chunk, bytes, buffers.workspace.span());
  }

  void end_reductions(const ChunkIndex& tile_index) {
    for (std::size_t i = 0; i < reduces_.size(); ++i) {
      const plan::ReduceSink& sink = stage_.reduces[i];
      std::int64_t kept_tile = 0;
      for (std::int64_t axis = 0; axis < tile_index.size(); ++axis) {
        if (!sink.reduces(axis)) kept_tile = kept_tile * stage_.tiles.count(axis) + tile_index[axis];
      }
      for (Partial& partial : reduces_[i].partials) {
        runner_.trees_[i]->add(kept_tile, partial.block, std::move(partial.state));
      }
      reduces_[i].partials.clear();
    }
  }

  StageRunner& runner_;
  const plan::Stage& stage_;
  bool in_place_;  ///< steps are whole tiles then
  ProgramInputs inputs_;
  TileProgram program_;
  std::vector<WriteBuffers> writes_;
  std::vector<WriteTarget> targets_;
  std::vector<TileReduction> reduces_;
  std::vector<ReduceTarget> cell_targets_;
  std::int64_t bytes_read_ = 0;
  std::int64_t bytes_written_ = 0;
};

StageRunner::StageRunner(const plan::Plan& plan, const plan::Stage& stage, const SparseTiles* sparse,
                         std::vector<std::unique_ptr<ValueStore>>& stores, Engine& engine,
                         RunContext& context)
    : plan_(plan),
      stage_(stage),
      sparse_(sparse),
      stores_(stores),
      engine_(engine),
      context_(context),
      cells_(common_cells(stage)) {
  tile_count_ = stage.tiles.chunk_count();
  if (sparse != nullptr) constants_ = std::make_unique<ConstantBlocks>(stage, engine.memory()->pool);
  for (std::size_t sink = 0; sink < stage.reduces.size(); ++sink) {
    const plan::ReduceSink& reduce = stage.reduces[sink];
    trees_.push_back(std::make_unique<MergeTree>(
        kernel_of(reduce), block_count(reduce),
        [this, sink](std::int64_t kept_tile, State&& state) { deliver(sink, kept_tile, std::move(state)); }));
  }
}

StageRunner::~StageRunner() = default;

ValueStore& StageRunner::store(plan::ValueId value) const {
  return *stores_[static_cast<std::size_t>(value)];
}

void StageRunner::run() {
  const Lease lease = engine_.memory()->budget.acquire(stage_.state_bytes + stage_.slots * stage_.slot_bytes);
  if (tile_count_ == 0) {
    deliver_empty_reductions();
    return;
  }
  engine_.for_each_slot(stage_.slots, [this](int number) { run_slot(number); });
  trees_.clear();
}

void StageRunner::run_slot(int number) {
  try {
    std::unique_ptr<Slot> slot;
    if (sparse_ != nullptr) return run_sparse_tiles(number, slot);
    run_all_tiles(number, slot);
  } catch (...) {
    context_.fail(std::current_exception());
  }
}

void StageRunner::run_all_tiles(int number, std::unique_ptr<Slot>& slot) {
  while (!context_.should_stop()) {
    const std::int64_t index = next_tile_.fetch_add(1, std::memory_order_relaxed);
    if (index >= tile_count_) break;
    if (!slot) slot = std::make_unique<Slot>(*this);
    if (already_written(stage_.tiles.box_of(stage_.tile_at(index)))) {
      context_.finish_tile(0, 0);
      continue;
    }
    if (index + stage_.slots < tile_count_)
      slot->prefetch(stage_.tiles.box_of(stage_.tile_at(index + stage_.slots)));
    run_tile(number, index, *slot);
  }
}

void StageRunner::run_tile(int number, std::int64_t index, Slot& slot) {
  const ChunkIndex tile = stage_.tile_at(index);
  const double begin = context_.tracing ? context_.microseconds() : 0;
  slot.run_tile(stage_.tiles.box_of(tile), tile);
  context_.finish_tile(slot.bytes_read(), slot.bytes_written());
  if (context_.tracing) context_.trace({"tile", number, index, begin, context_.microseconds()});
}

// Each tile that is computed comes with the constants before it, so that accumulators find their neighbours
// as soon as in a run that computes all.
void StageRunner::run_sparse_tiles(int number, std::unique_ptr<Slot>& slot) {
  const std::vector<std::int64_t>& computed = sparse_->computed;
  while (!context_.should_stop()) {
    const auto item = static_cast<std::size_t>(next_tile_.fetch_add(1, std::memory_order_relaxed));
    if (item > computed.size()) break;
    if (!slot) slot = std::make_unique<Slot>(*this);
    const std::int64_t last = item < computed.size() ? computed[item] : tile_count_;
    add_constants(item == 0 ? 0 : computed[item - 1] + 1, last, *slot);
    if (item < computed.size() && !context_.should_stop()) run_tile(number, last, *slot);
  }
}

void StageRunner::add_constants(std::int64_t first, std::int64_t last, Slot& slot) {
  const std::int64_t blocks = constants_->block_count();
  const auto compute = [&](std::int64_t tile) {
    return slot.reduce(stage_.tiles.box_of(stage_.tile_at(tile)));
  };
  while (first < last && !context_.should_stop()) {
    const std::int64_t kept_tile = first / blocks;
    const std::int64_t end = std::min(last, (kept_tile + 1) * blocks);
    constants_->add(kept_tile, first - kept_tile * blocks, end - kept_tile * blocks, compute, trees_);
    context_.finish_tiles(end - first);
    first = end;
  }
}

// Only stages that do nothing but write outputs can skip tiles: a reduction needs every element.
bool StageRunner::already_written(const Box& tile) const {
  if (!stage_.reduces.empty() || stage_.writes.empty()) return false;
  for (const plan::WriteSink& sink : stage_.writes) {
    const ValueStore& target = store(sink.value);
    if (target.writer() == nullptr) return false;
    const Box chunks = target.value().output_chunks.chunks_touching(tile);
    const Shape counts = chunks.shape();
    ChunkIndex relative(counts.size(), 0);
    do {
      ChunkIndex chunk = relative;
      for (std::int64_t axis = 0; axis < chunk.size(); ++axis) chunk[axis] += chunks.lo[axis];
      if (!target.writer()->has_chunk(chunk)) return false;
    } while (next_index(relative, counts));
  }
  return true;
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
