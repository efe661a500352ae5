#include "ops/blocks.hpp"

#include <algorithm>

#include "kernels/copy.hpp"
#include "ops/operators.hpp"

namespace varve::ops {
namespace {

// Boxes that hold more blocks than this are described as a whole.
constexpr std::int64_t kListedBlocks = 64;

std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

Box enclosing(Box box, const Box& other) {
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    box.lo[axis] = std::min(box.lo[axis], other.lo[axis]);
    box.hi[axis] = std::max(box.hi[axis], other.hi[axis]);
  }
  return box;
}

class Blocks final : public expr::Described<Blocks> {
 public:
  static constexpr std::string_view kKind = "blocks";
  static void fields(auto& op, auto& visit) {
    visit("name", op.name_, "grid", op.grid_, "dtype", op.dtype_, "input_dtypes", op.dtypes_,
          "workspace_bytes", op.task_bytes_, "function", op.task_);
  }

  Blocks() = default;
  Blocks(const ChunkGrid& grid, DType dtype, const std::vector<expr::NodePtr>& inputs,
         std::shared_ptr<const BlockGeometry> geometry, BlockTask task)
      : name_(std::move(task.name)), grid_(grid), dtype_(dtype), task_bytes_(task.workspace_bytes) {
    for (const expr::NodePtr& input : inputs) dtypes_.push_back(input->dtype);
    auto work =
        std::make_shared<const Work>(Work{std::move(geometry), std::move(task.function), dtypes_.size()});
    task_ = {task.identity, task.lasting, std::move(work)};
    prepare();
  }
  void prepare() {
    work_ = task_.as<const Work>();
    expr::require_parameter(work_->inputs == dtypes_.size() && task_bytes_ >= 0,
                            "the function takes as many inputs as have dtypes");
    offsets_ = {0};
    for (int input = 0; input < count(); ++input) {
      append(element_count(geometry().largest_input(input)), dtypes_[static_cast<std::size_t>(input)]);
    }
    append(element_count(grid_.chunks()), dtype_);
    offsets_.push_back(offsets_.back() + aligned(task_bytes_));
  }

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    const Box touched = grid_.chunks_touching(box);
    const std::int64_t touched_count = saturating_count(touched.shape());
    if (touched_count > kListedBlocks) {
      ChunkIndex last(touched.hi);
      for (std::int64_t& at : last) --at;
      return {
          enclosing(geometry().input_box(input, ChunkIndex(touched.lo)), geometry().input_box(input, last))};
    }
    std::vector<Box> boxes;
    boxes.reserve(static_cast<std::size_t>(touched_count));
    for_each_chunk(grid_, box,
                   [&](const ChunkIndex& block) { boxes.push_back(geometry().input_box(input, block)); });
    return boxes;
  }

  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int workers) const override {
    std::int64_t blocks = 1;  // that a box of these extents touches at most
    for (std::int64_t axis = 0; axis < box.size(); ++axis) {
      const std::int64_t most = (box[axis] - 1) / grid_.chunks()[axis] + 2;
      blocks = saturating_multiply(blocks, std::min(most, grid_.count(axis)));
    }
    return saturating_multiply(slot_bytes(), std::min<std::int64_t>(workers, blocks));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    std::vector<ChunkIndex> group;
    const auto flush = [&] {
      run_group(group, box, out, context);
      group.clear();
    };
    for_each_chunk(grid_, box, [&](const ChunkIndex& block) {
      group.push_back(block);
      if (static_cast<int>(group.size()) == context.workers()) flush();
    });
    flush();
  }

 private:
  /// Is what is bound to the operator: what it does with blocks, and which it takes.
  struct Work {
    std::shared_ptr<const BlockGeometry> geometry;
    decltype(BlockTask::function) function;
    std::size_t inputs = 0;
  };

  [[nodiscard]] const BlockGeometry& geometry() const { return *work_->geometry; }
  [[nodiscard]] int count() const { return static_cast<int>(dtypes_.size()); }
  [[nodiscard]] std::int64_t offset(int i) const { return offsets_[static_cast<std::size_t>(i)]; }
  // The bytes of one block: inputs, result, workspace.
  [[nodiscard]] std::int64_t slot_bytes() const { return offsets_.back(); }
  void append(std::int64_t elements, DType dtype) {
    offsets_.push_back(offsets_.back() + aligned(elements * size_bytes(dtype)));
  }

  // Inputs are read by all threads together, block after block; then each thread has a block.
  void run_group(const std::vector<ChunkIndex>& group, const Box& box, const StridedView& out,
                 expr::OperatorContext& context) const {
    std::byte* memory = context.workspace().data();
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (int input = 0; input < count(); ++input) {
        const Box needed = geometry().input_box(input, group[i]);
        context.read(input, needed,
                     input_view(input, needed, memory + static_cast<std::int64_t>(i) * slot_bytes()));
      }
    }
    context.for_each(static_cast<std::int64_t>(group.size()), [&](std::int64_t i, int) {
      run_block(group[static_cast<std::size_t>(i)], box, out, memory + i * slot_bytes());
    });
  }

  void run_block(const ChunkIndex& block, const Box& box, const StridedView& out, std::byte* memory) const {
    std::vector<StridedView> views;
    for (int input = 0; input < count(); ++input) {
      const StridedView dense = input_view(input, geometry().input_box(input, block), memory);
      views.push_back(geometry().seen(input, dense, block));
    }
    const Box whole = grid_.box_of(block);
    const Box part = intersect(whole, box);
    const StridedView target = out.sub(relative_to(part, box.lo));
    if (part == whole) {
      call(views, target, block, memory);
      return;
    }
    const StridedView staged(memory + offset(count()), dtype_, whole.shape());
    call(views, staged, block, memory);
    kernels::copy(varve::as_const(staged.sub(relative_to(part, whole.lo))), target);
  }

  [[nodiscard]] StridedView input_view(int input, const Box& box, std::byte* memory) const {
    return {memory + offset(input), dtypes_[static_cast<std::size_t>(input)], box.shape()};
  }

  void call(const std::vector<StridedView>& views, const StridedView& out, const ChunkIndex& block,
            std::byte* memory) const {
    const Box box = grid_.box_of(block);
    const std::span<std::byte> workspace(memory + offset(count() + 1), static_cast<std::size_t>(task_bytes_));
    work_->function(views, out, {box, block, workspace});
  }

  std::string name_;
  ChunkGrid grid_;
  DType dtype_ = DType::float64;
  std::vector<DType> dtypes_;  ///< of the inputs
  std::int64_t task_bytes_ = 0;
  expr::Bound task_;
  std::shared_ptr<const Work> work_;
  std::vector<std::int64_t> offsets_;  ///< of the inputs, the result, the workspace; then the bytes of all
};

}  // namespace

const expr::OperatorRow blocks_row = Blocks::row();

expr::NodePtr blocks(const ChunkGrid& result, DType dtype, std::vector<expr::NodePtr> inputs,
                     std::shared_ptr<const BlockGeometry> geometry, BlockTask task) {
  auto op = std::make_shared<Blocks>(result, dtype, inputs, std::move(geometry), std::move(task));
  return expr::make_operation(result, dtype, std::move(inputs), std::move(op));
}

}  // namespace varve::ops
