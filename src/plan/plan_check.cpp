#include "plan/plan_check.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "plan/program_check.hpp"
#include "plan/written.hpp"

namespace varve::plan {
namespace {

// No machine runs more tiles, or has more threads for one.
constexpr int kMaxThreads = 1 << 16;

void require_grid(const ChunkGrid& grid, const Shape& shape, const char* rule) {
  require_rule(grid.shape() == shape, rule);
  static_cast<void>(grid.chunk_count());
}

void require_grid_or_none(const ChunkGrid& grid, const Shape& shape, const char* rule) {
  if (grid.ndim() > 0 || grid.shape() == shape) require_grid(grid, shape, rule);
}

void require_source(const Source& source) {
  require_countable(source.shape, source.dtype);
  switch (source.kind) {
    case Source::Kind::memory:
      return;
    case Source::Kind::dataset:
      require_rule(source.dataset != nullptr, "a dataset has facts");
      require_grid(source.dataset->grid, source.shape, "the chunks of a dataset cut its shape");
      require_rule(source.dataset->chunk_bytes >= 0 && source.dataset->read_workspace_bytes >= 0 &&
                       source.dataset->fetched_bytes >= 0,
                   "chunks have no negative size");
      return;
    case Source::Kind::generator:
      require_rule(source.generator && source.generator->suits(source.shape, source.dtype),
                   "a generator makes arrays of other shapes or dtypes");
      return;
    case Source::Kind::operation:
      require_rule(source.op != nullptr, "an operation has an operator");
      return;
  }
}

// Whether blocks end wherever tiles do.
bool holds_whole_blocks(const ChunkGrid& tiles, const ChunkGrid& blocks, std::int64_t axis) {
  if (tiles.count(axis) <= 1) return true;
  const std::int64_t block = blocks.chunks()[axis];
  const std::int64_t first_end = tiles.chunks()[axis] - tiles.offset()[axis];
  if ((first_end % block + blocks.offset()[axis]) % block != 0) return false;
  return tiles.count(axis) == 2 || tiles.chunks()[axis] % block == 0;
}

Shape kept_shape(const ReduceSink& sink, const Shape& domain) {
  Shape kept;
  for (std::int64_t axis = 0; axis < domain.size(); ++axis) {
    if (!sink.reduces(axis)) kept.push_back(domain[axis]);
  }
  return kept;
}

/// Checks the stages of a plan, and what they make of its values.
class StageCheck {
 public:
  StageCheck(const Plan& plan, int at)
      : plan_(plan), at_(at), stage_(plan.stages[static_cast<std::size_t>(at)]) {}

  // `makers` counts the sinks of each value.
  void require_valid(std::vector<int>& makers) const {
    require_rule(stage_.resident_bytes >= 0, "values have no negative size");
    require_countable(stage_.domain, DType::uint8);
    require_grid(stage_.natural, stage_.domain, "natural chunks cut the domain of their stage");
    require_tiling(stage_.tiling);
    ProgramCheck(plan_, at_).require_valid(stage_.program, stage_.domain);
    for (const WriteSink& sink : stage_.writes) {
      require_register(sink.input);
      require_write(sink, require_made(sink.value, makers));
    }
    for (const ReduceSink& sink : stage_.reduces) {
      require_register(sink.input);
      require_reduce(sink, require_made(sink.value, makers));
    }
    require_equal_blocks();
  }

 private:
  void require_tiling(const Tiling& tiling) const {
    require_grid(tiling.tiles, stage_.domain, "tiles cut the domain of their stage");
    require_grid(tiling.steps, stage_.domain, "steps cut the domain of their stage");
    std::vector<std::int64_t> axes(static_cast<std::size_t>(stage_.domain.size()));
    std::iota(axes.begin(), axes.end(), 0);
    require_rule(
        std::is_permutation(axes.begin(), axes.end(), tiling.axis_order.begin(), tiling.axis_order.end()),
        "tiles are handed out along each axis once");
    const auto is_number = [](int threads) { return threads >= 1 && threads <= kMaxThreads; };
    require_rule(is_number(tiling.slots) && is_number(tiling.workers),
                 "a stage runs a tile at least, on a thread at least");
    std::int64_t bytes = 0;
    require_rule(tiling.slot_bytes >= 0 && tiling.state_bytes >= 0 && tiling.fetch_bytes >= 0 &&
                     !__builtin_mul_overflow(tiling.slot_bytes, tiling.slots, &bytes) &&
                     !__builtin_add_overflow(bytes, tiling.state_bytes, &bytes) &&
                     !__builtin_add_overflow(bytes, tiling.fetch_bytes, &bytes) &&
                     !__builtin_add_overflow(bytes, stage_.resident_bytes, &bytes),
                 "the memory of a stage is no number of bytes");
  }

  void require_register(int number) const {
    require_in(number, stage_.program.registers, "a stage has no such register to take");
  }
  [[nodiscard]] const Register& register_at(int number) const {
    return stage_.program.registers[static_cast<std::size_t>(number)];
  }

  [[nodiscard]] const Value& require_made(ValueId id, std::vector<int>& makers) const {
    require_in(id, plan_.values, "a stage has no such value to make");
    const Value& value = plan_.values[static_cast<std::size_t>(id)];
    require_rule(value.made_by == at_, "a value says that another stage makes it");
    ++makers[static_cast<std::size_t>(id)];
    return value;
  }

  void require_write(const WriteSink& sink, const Value& value) const {
    if (const expr::BoxOperator* op = writes_outputs_of(stage_)) return require_output(*op, sink, value);
    require_rule(sink.output == 0, "only operations of several outputs have others than the first");
    require_rule(value.shape == stage_.domain, "a stage writes all of its domain");
    require_rule(value.dtype == register_at(sink.input).dtype, "a value has the dtype of what is written");
    require_writers(sink, value);
  }

  void require_writers(const WriteSink& sink, const Value& value) const {
    const ChunkGrid tiles = written_tiles(stage_, sink);
    require_rule(value.scratch_codec == io::ScratchCodec::none || value.scratch_writers == tiles,
                 "what is compressed is written tile by tile");
    if (value.placement != Placement::output) return;
    for (std::int64_t axis = 0; axis < tiles.ndim(); ++axis) {
      require_rule(holds_whole_blocks(tiles, value.output_chunks, axis),
                   "tiles hold whole chunks of an output");
    }
  }

  void require_output(const expr::BoxOperator& op, const WriteSink& sink, const Value& value) const {
    const std::vector<expr::OperatorOutput>& outputs = op.outputs();
    require_rule(sink.output >= 0 && sink.output < std::ssize(outputs), "an operation has no such output");
    const expr::OperatorOutput& output = outputs[static_cast<std::size_t>(sink.output)];
    const Leaf& leaf = stage_.program.leaves.front();
    require_rule(outputs.front().grid.shape() == stage_.domain && leaf.map.is_identity(stage_.domain) &&
                     sink.input == leaf.register_id && stage_.program.instructions.empty() &&
                     stage_.reduces.empty(),
                 "what has several outputs is run over all of the first, and nothing else");
    require_rule(value.shape == output.grid.shape() && value.dtype == output.dtype,
                 "a value has the shape and dtype of the output that is written to it");
    for (std::int64_t axis = 0; axis < stage_.domain.size(); ++axis) {
      require_rule(written_axis(stage_, sink, axis) >= 0 || stage_.tiling.tiles.count(axis) <= 1,
                   "tiles hold all of an axis that some output has not");
    }
    require_writers(sink, value);
  }

  void require_reduce(const ReduceSink& sink, const Value& value) const {
    const kernels::ReduceKernel* kernel = kernels::find_reduce(sink.op, sink.input_dtype);
    require_rule(kernel != nullptr, "there is no such reduction of that dtype");
    require_rule(register_at(sink.input).dtype == sink.input_dtype, "a reduction takes another dtype");
    require_rule(
        std::adjacent_find(sink.axes.begin(), sink.axes.end(), std::greater_equal<>()) == sink.axes.end(),
        "the axes of a reduction are sorted, each once");
    for (const std::int64_t axis : sink.axes)
      require_rule(axis >= 0 && axis < stage_.domain.size(), "a reduction has no such axis");
    require_rule(value.dtype == kernel->output_dtype && value.shape == kept_shape(sink, stage_.domain),
                 "a value has the axes that are kept, and the dtype of the reduction");
    require_rule(value.placement != Placement::output && value.scratch_codec == io::ScratchCodec::none,
                 "the results of reductions are kept in memory, or in scratch as they are");
    require_blocks(sink);
  }

  void require_blocks(const ReduceSink& sink) const {
    require_grid(sink.blocks, stage_.domain, "reduction blocks cut the domain of their stage");
    for (std::int64_t axis = 0; axis < stage_.domain.size(); ++axis) {
      if (sink.reduces(axis))
        require_rule(holds_whole_blocks(stage_.tiling.tiles, sink.blocks, axis),
                     "tiles hold whole reduction blocks");
      else
        require_rule(sink.blocks.count(axis) <= 1, "reduction blocks do not cut what is kept");
    }
  }

  // Cells are blocks of all reductions at once.
  void require_equal_blocks() const {
    for (const ReduceSink& left : stage_.reduces) {
      for (const ReduceSink& right : stage_.reduces) {
        for (const std::int64_t axis : left.axes) {
          require_rule(!right.reduces(axis) || (left.blocks.chunks()[axis] == right.blocks.chunks()[axis] &&
                                                left.blocks.offset()[axis] == right.blocks.offset()[axis]),
                       "reductions over one axis have equal blocks on it");
        }
      }
    }
  }

  const Plan& plan_;
  int at_;
  const Stage& stage_;
};

void require_scratch_value(const Value& value) {
  require_grid_or_none(value.scratch_writers, value.shape, "the writers of a value cut its shape");
  require_grid_or_none(value.scratch_readers, value.shape, "the readers of a value cut its shape");
  require_rule(value.scratch_tile.empty() || value.scratch_tile.size() == value.shape.size(),
               "a value's boxes have its axes");
  static_cast<void>(element_count(value.scratch_tile));
  require_rule(value.scratch_codec == io::ScratchCodec::none ||
                   (value.placement == Placement::scratch && value.scratch_writers.ndim() > 0 &&
                    value.scratch_readers.ndim() > 0),
               "what is compressed lies in scratch, piece by piece");
}

void require_value(const Value& value, int stages) {
  require_countable(value.shape, value.dtype);
  require_rule(value.made_by >= 0 && value.made_by < stages, "a value is made by a stage");
  require_rule(value.last_used >= value.made_by && value.last_used <= stages,
               "a value is used after it is made");
  require_rule(value.is_result == (value.last_used == stages), "results live to the end, and nothing else");
  require_rule(!value.is_result || value.placement != Placement::scratch, "results do not lie in scratch");
  require_rule(value.write_workspace_bytes >= 0 && value.scratch_table_bytes >= 0,
               "memory has no negative size");
  require_rule((value.placement == Placement::output) == (value.output >= 0) && value.output >= -1,
               "an output is where values are placed in it");
  if (value.placement == Placement::output)
    require_grid(value.output_chunks, value.shape, "the chunks of an output cut its shape");
  else
    require_grid_or_none(value.output_chunks, value.shape, "the chunks of an output cut its shape");
  require_scratch_value(value);
}

void require_root(const Plan& plan, const Root& root) {
  if (root.value >= 0) {
    require_in(root.value, plan.values, "a result has no such value");
    const Value& value = plan.values[static_cast<std::size_t>(root.value)];
    require_rule(value.is_result, "a result is a value that lives to the end");
    return require_map(root.view, root.view.output_shape(), value.shape);
  }
  require_in(root.source, plan.sources, "a result has no such source");
  const Source& source = *plan.sources[static_cast<std::size_t>(root.source)];
  require_rule(source.kind == Source::Kind::memory, "a result without a value lies in memory");
  require_rule(!root.view.has_lists(), "a result without a value is a view of memory");
  require_map(root.view, root.view.output_shape(), source.shape);
}

}  // namespace

void require_valid(const Plan& plan) {
  const auto stages = static_cast<int>(plan.stages.size());
  require_rule(plan.budget_bytes >= 0 && plan.peak_bytes >= 0 && plan.scratch_bytes >= 0,
               "memory has no negative size");
  for (const SourcePtr& source : plan.sources) require_source(*source);
  std::set<int> outputs;
  for (const Value& value : plan.values) {
    require_value(value, stages);
    require_rule(value.output < 0 || outputs.insert(value.output).second, "outputs take one value each");
  }
  std::vector<int> makers(plan.values.size(), 0);
  for (int at = 0; at < stages; ++at) StageCheck(plan, at).require_valid(makers);
  require_rule(std::all_of(makers.begin(), makers.end(), [](int count) { return count == 1; }),
               "each value is made once");
  for (const Root& root : plan.roots) require_root(plan, root);
}

}  // namespace varve::plan
