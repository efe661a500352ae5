#include "ops/blocks/blocks.hpp"

#include <algorithm>

#include "expr/fields.hpp"
#include "kernels/copy.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Boxes that hold more blocks than this are described as a whole.
constexpr std::int64_t kListedBlocks = 64;

void require_follows(const ChunkGrid& grid, const std::vector<std::int64_t>& along, const ChunkGrid& result) {
  for (std::size_t i = 0; i < along.size(); ++i) {
    const std::int64_t chunks = grid.count(static_cast<std::int64_t>(i));
    const std::int64_t axis = along[i];
    expr::require_parameter(axis < 0 ? chunks <= 1 : axis < result.ndim() && chunks == result.count(axis),
                            "each block of the result takes one chunk of an input");
  }
}

// Elements of a further output lie where those of the result that they belong to lie.
void require_follows(const expr::OperatorOutput& output, const ChunkGrid& result) {
  expr::require_parameter(std::ssize(output.along) == output.grid.ndim(), "an output follows axis by axis");
  require_follows(output.grid, output.along, result);
  for (std::int64_t axis = 0; axis < output.grid.ndim(); ++axis) {
    const std::int64_t followed = output.along[static_cast<std::size_t>(axis)];
    const bool fits = followed < 0 || (output.grid.shape()[axis] == result.shape()[followed] &&
                                       output.grid.chunks()[axis] == result.chunks()[followed] &&
                                       output.grid.offset()[axis] == result.offset()[followed]);
    expr::require_parameter(fits, "an output has the blocks of the result along the axes that it follows");
  }
}

/// Calls what is bound to the operator.
struct OwnBlocks {
  static constexpr std::string_view kKind = "blocks";
  std::string name;
  ChunkGrid result;
  DType dtype = DType::float64;
  std::vector<DType> dtypes;  ///< of the inputs
  Loops loops;
  std::int64_t workspace_bytes = 0;
  expr::Bound function;

  /// What is bound.
  struct Work {
    BlockWork function;
    std::size_t inputs = 0;
  };

  static void fields(auto& step, auto& visit) {
    visit("name", step.name, "grid", step.result, "dtype", step.dtype, "input_dtypes", step.dtypes, "loops",
          step.loops, "workspace_bytes", step.workspace_bytes, "function", step.function);
  }
  [[nodiscard]] BlockGrids grids() const {
    expr::require_parameter(function.as<const Work>()->inputs == dtypes.size(),
                            "the function takes as many inputs as have dtypes");
    expr::require_parameter(workspace_bytes >= 0, "a workspace is not negative");
    return {name, result, loops.block_inputs(result, dtypes), one_region(workspace_bytes), dtype};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const auto* work = std::any_cast<std::shared_ptr<const Work>>(&function.object);
    (*work)->function(loops.seen(inputs, place.index), out, place);
  }
};

}  // namespace

extern const expr::OperatorRow blocks_row = BlockStep<OwnBlocks>::row();

void BlockOperator::set_grids(BlockGrids grids) {
  grids_ = std::move(grids);
  one_ = {};
  for (const BlockInput& input : grids_.inputs) {
    require_follows(input.grid, input.along, grids_.result);
    one_.inputs.push_back(one_.add(input.dtype, saturating_count(input.grid.chunks())));
  }
  one_.outputs.push_back(one_.add(grids_.dtype, saturating_count(grids_.result.chunks())));
  for (const expr::OperatorOutput& output : grids_.further) {
    require_follows(output, grids_.result);
    one_.outputs.push_back(one_.add(output.dtype, saturating_count(output.grid.chunks())));
  }
  outputs_.clear();
  if (!grids_.further.empty()) outputs_ = {expr::aligned_output(grids_.result, grids_.dtype)};
  outputs_.insert(outputs_.end(), grids_.further.begin(), grids_.further.end());
  one_.workspace = one_.add<std::byte>(grids_.workspace.bytes());
}

// Blocks that follow chunks of an axis with as many elements have its positions.
expr::AxisOrigin BlockOperator::axis_origin(int i, std::int64_t axis) const {
  const BlockInput& from = input(i);
  const auto found = std::find(from.along.begin(), from.along.end(), axis);
  const auto place = found - from.along.begin();
  if (found == from.along.end() || from.grid.shape()[place] != grids_.result.shape()[axis]) return {};
  return {place, true};
}

expr::Workspace one_region(std::int64_t bytes) {
  expr::Workspace workspace;
  static_cast<void>(workspace.add<std::byte>(bytes));
  return workspace;
}

ChunkIndex BlockOperator::chunk_for(int i, const ChunkIndex& block) const {
  const std::vector<std::int64_t>& along = input(i).along;
  ChunkIndex chunk(input(i).grid.ndim(), 0);
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) {
    const std::int64_t followed = along[static_cast<std::size_t>(axis)];
    if (followed >= 0) chunk[axis] = block[followed];
  }
  return chunk;
}

std::vector<Box> BlockOperator::demand(int i, const Box& box) const {
  const Box touched = grids_.result.chunks_touching(box);
  const std::int64_t touched_count = saturating_count(touched.shape());
  if (touched_count > kListedBlocks) {
    ChunkIndex last(touched.hi);
    for (std::int64_t& at : last) --at;
    return {enclosing(input_box(i, ChunkIndex(touched.lo)), input_box(i, last))};
  }
  std::vector<Box> boxes;
  boxes.reserve(static_cast<std::size_t>(touched_count));
  for_each_chunk(grids_.result, box, [&](const ChunkIndex& block) { boxes.push_back(input_box(i, block)); });
  return boxes;
}

BlockOperator::Memory::Memory(const BlockOperator& op, const Shape& box, int workers) {
  const ChunkGrid& grid = op.grids_.result;
  std::int64_t touched = 1;  // blocks, by a box of these extents, at most
  for (std::int64_t axis = 0; axis < box.size(); ++axis) {
    const std::int64_t most = (box[axis] - 1) / grid.chunks()[axis] + 2;
    touched = saturating_multiply(touched, std::min(most, grid.count(axis)));
  }
  blocks = add<std::byte>(op.one_.bytes(), std::min<std::int64_t>(workers, touched));
}

expr::Workspace BlockOperator::workspace(const Shape& box, int workers) const {
  return Memory(*this, box, workers);
}

void BlockOperator::run(const Box& box, const StridedView& out, expr::OperatorContext& context) const {
  Wanted wanted{box, {out}};
  for (std::size_t output = 1; output < one_.outputs.size(); ++output)
    wanted.outputs.push_back(context.output(output));
  std::vector<ChunkIndex> group;
  const auto flush = [&] {
    run_group(group, wanted, context);
    group.clear();
  };
  for_each_chunk(grids_.result, box, [&](const ChunkIndex& block) {
    group.push_back(block);
    if (static_cast<int>(group.size()) == context.workers()) flush();
  });
  flush();
}

// Inputs are read by all threads together, block after block; then each thread has a block.
void BlockOperator::run_group(const std::vector<ChunkIndex>& group, const Wanted& wanted,
                              expr::OperatorContext& context) const {
  const Memory memory(*this, wanted.box.shape(), context.workers());
  const auto of_block = [&](std::int64_t at) {
    return expr::WorkMemory(memory.blocks.in(context.memory(), at));
  };
  for (std::int64_t at = 0; at < std::ssize(group); ++at) {
    for (int i = 0; i < count(); ++i) {
      const Box needed = input_box(i, group[static_cast<std::size_t>(at)]);
      context.read(i, needed, input_view(i, needed, of_block(at)));
    }
  }
  context.for_each(std::ssize(group), [&](std::int64_t at, int) {
    run_block(group[static_cast<std::size_t>(at)], wanted, of_block(at));
  });
}

void BlockOperator::run_block(const ChunkIndex& block, const Wanted& wanted,
                              const expr::WorkMemory& memory) const {
  std::vector<StridedView> views;
  for (int i = 0; i < count(); ++i) views.push_back(input_view(i, input_box(i, block), memory));
  const Box whole = grids_.result.box_of(block);
  const Box part = intersect(whole, wanted.box);
  std::vector<StridedView> targets;  // of the part
  std::vector<StridedView> made;     // of the whole block: the targets, where that is the part
  for (std::size_t output = 0; output < wanted.outputs.size(); ++output) {
    const StridedView& view = wanted.outputs[output];
    const Box mine = part_of(output, part);
    targets.push_back(view.data == nullptr ? StridedView(nullptr, view.dtype, mine.shape())
                                           : view.sub(relative_to(mine, part_of(output, wanted.box).lo)));
    const bool is_staged = view.data != nullptr && !(part == whole);
    made.push_back(is_staged ? one_.outputs[output].view(memory, part_of(output, whole).shape())
                             : targets.back());
  }
  work(views, made.front(),
       {whole, block, one_.workspace.in(memory), std::span<const StridedView>(made).subspan(1)});
  for (std::size_t output = 0; output < made.size(); ++output) {
    if (made[output].data == targets[output].data) continue;
    const Box within = relative_to(part_of(output, part), part_of(output, whole).lo);
    kernels::copy(varve::as_const(made[output].sub(within)), targets[output]);
  }
}

expr::NodePtr own_blocks(const ChunkGrid& result, DType dtype, std::vector<expr::NodePtr> inputs,
                         const ChunkGrid& cells, std::vector<std::int64_t> core_axes, BlockTask task) {
  OwnBlocks step{std::move(task.name),
                 result,
                 dtype,
                 {},
                 {cells, {}, std::move(core_axes)},
                 task.workspace_bytes,
                 {task.identity, task.lasting}};
  for (const expr::NodePtr& input : inputs) {
    step.dtypes.push_back(input->dtype);
    step.loops.inputs.push_back(input->shape);
  }
  step.function.object =
      std::make_shared<const OwnBlocks::Work>(OwnBlocks::Work{std::move(task.function), inputs.size()});
  return blocks(std::move(step), std::move(inputs));
}

void require_matrix(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kRoom = 1 << 12;  // for several, of any dtype
  expr::require_parameter(rows >= 1 && columns >= 1, "a matrix has rows and columns");
  static_cast<void>(checked_multiply(checked_multiply(rows, columns, "matrix"), kRoom, "matrix"));
}

}  // namespace varve::ops
