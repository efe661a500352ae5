#include "kernels/sort.hpp"

#include <algorithm>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/select/select.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

std::int64_t taken_along(std::int64_t extent, const SortRequest& request) {
  const std::int64_t blocks = divide_up(extent, request.block);
  return (blocks - 1) * request.most + std::min(request.most, extent - (blocks - 1) * request.block);
}

// Chunks of the result: one block along the axis; as many kept elements as suit its rows.
ChunkGrid sorted_grid(const expr::NodePtr& input, const SortRequest& request) {
  const std::int64_t axis = request.axis;
  Shape block_shape = input->shape;
  block_shape[axis] = std::min(request.block, input->shape[axis]);
  const ChunkGrid kept =
      FoldedAxes(block_shape, {axis})
          .kept_grid({block_shape, input->grid.chunks(), input->grid.offset()}, size_bytes(input->dtype));
  Shape shape = input->shape;
  shape[axis] = taken_along(input->shape[axis], request);
  Shape chunks = kept.chunks();
  Index offset = kept.offset();
  chunks.insert(axis, request.most);
  offset.insert(axis, 0);
  return {shape, chunks, offset};
}

/// Gathers the rows of one block after the other and sorts them: gives values, positions, or both.
class SortBlocks final : public expr::Described<SortBlocks>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "sort";
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) {
    visit("grid", op.result_, "dtype", op.dtype_, "extent", op.extent_);
    SortRequest::fields(op.request_, visit);
  }

  SortBlocks() = default;
  SortBlocks(const expr::NodePtr& input, const SortRequest& request)
      : SortBlocks(sorted_grid(input, request), input->dtype, input->shape[request.axis], request) {}
  SortBlocks(ChunkGrid result, DType dtype, std::int64_t extent, const SortRequest& request)
      : result_(std::move(result)), dtype_(dtype), extent_(extent), request_(request) {
    prepare();
  }
  void prepare() {
    expr::require_parameter(request_.axis >= 0 && request_.axis < result_.ndim() && request_.most >= 1 &&
                                request_.block >= request_.most,
                            "sorted blocks lie along an axis, and what is taken of one lies in it");
    expr::require_parameter(extent_ >= 1 && result_.shape()[request_.axis] == taken_along(extent_, request_),
                            "the result has what is taken of each block");
    expr::require_parameter(request_.values || request_.positions, "values or positions are wanted");
    kernel_ = kernels::find_sort(dtype_);
    expr::require_parameter(kernel_ != nullptr, "the dtype cannot be sorted");
    outputs_.clear();
    if (request_.values && request_.positions)
      outputs_ = {expr::aligned_output(result_, dtype_), expr::aligned_output(result_, DType::int64)};
  }

  [[nodiscard]] std::shared_ptr<const expr::BoxOperator> only(int output) const override {
    if (outputs_.empty()) return nullptr;
    SortRequest request = request_;
    request.values = output == 0;
    request.positions = output == 1;
    return std::make_shared<SortBlocks>(result_, dtype_, extent_, request);
  }
  [[nodiscard]] expr::ValueOrigin value_origin(int) const override {
    return request_.positions ? expr::ValueOrigin::other : expr::ValueOrigin::elements;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return {axis, axis != request_.axis};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    const std::int64_t axis = request_.axis;
    return {blocks_of_input(box, box.lo[axis] / request_.most, divide_up(box.hi[axis], request_.most))};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, box, workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Memory memory(*this, box.shape(), context.workers());
    const bool makes_both = request_.values && request_.positions;
    const StridedView positions = makes_both ? context.output(1) : request_.positions ? out : StridedView();
    const StridedView values = request_.values ? out : StridedView();
    const auto part_of = [&](const StridedView& view, const Box& part) {
      return view.data == nullptr ? view : view.sub(relative_to(part, box.lo));
    };
    for_each_stretch(box, request_.axis, request_.most, [&](const Box& part) {
      run_block(part, part_of(values, part), part_of(positions, part), memory, context);
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const SortBlocks& op, Shape box, int workers) {
      const std::int64_t length = std::min(op.request_.block, op.extent_);
      box[op.request_.axis] = length;
      rows = add(op.dtype_, saturating_count(box));
      if (!op.request_.positions) return;
      items = add<std::byte>(saturating_multiply(length, op.kernel_->item_bytes), workers);
      positions = add<std::int64_t>(length, workers);
    }
    expr::Elements rows;
    expr::Region<std::byte> items;  ///< keys with their positions, while they are sorted
    expr::Region<std::int64_t> positions;
  };

  [[nodiscard]] Box blocks_of_input(const Box& box, std::int64_t first, std::int64_t end) const {
    return between(box, request_.axis, first * request_.block, std::min(end * request_.block, extent_));
  }

  // `part` is what is wanted of one block, of values, of positions, or of both.
  void run_block(const Box& part, const StridedView& values, const StridedView& positions,
                 const Memory& memory, expr::OperatorContext& context) const {
    const std::int64_t axis = request_.axis;
    const std::int64_t block = part.lo[axis] / request_.most;
    const Box needed = blocks_of_input(part, block, block + 1);
    const std::int64_t length = needed.extent(axis);
    std::byte* rows = memory.rows.in(context.memory());
    context.read(0, needed, FoldedAxes(needed.shape(), {axis}).rows(rows, dtype_, needed));

    const std::int64_t skipped = part.lo[axis] - block * request_.most;
    context.for_each(element_count(one_row(part.shape(), axis)), [&](std::int64_t number, int worker) {
      std::byte* row = rows + number * length * size_bytes(dtype_);
      kernel_->to_keys(row, length, request_.descending);
      if (positions.data != nullptr) {
        const std::span<std::int64_t> found = memory.positions.in(context.memory(), worker);
        kernel_->positions(row, length, std::min(request_.most, length),
                           memory.items.in(context.memory(), worker).data(), found.data());
        take_from(std::as_bytes(found).data(), skipped, row_of(positions, axis, number));
      }
      if (values.data == nullptr) return;
      sort_keys(row, length);
      take_from(row, skipped, row_of(values, axis, number));
    });
  }

  static void take_from(const std::byte* sorted, std::int64_t skipped, const StridedView& target) {
    kernels::copy({sorted + skipped * size_bytes(target.dtype), target.dtype, target.shape}, target);
  }

  void sort_keys(std::byte* row, std::int64_t length) const {
    const std::int64_t most = std::min(request_.most, length);
    kernel_->sort_keys(row, length, most);
    kernel_->from_keys(row, most, request_.descending);
  }

  ChunkGrid result_;
  DType dtype_ = DType::float64;
  std::int64_t extent_ = 0;  ///< of the axis, in the input
  SortRequest request_;
  const kernels::SortKernel* kernel_ = nullptr;
};

}  // namespace

extern const expr::OperatorRow sort_row = SortBlocks::row();

expr::NodePtr sort_blocks(const expr::NodePtr& input, const SortRequest& request) {
  return expr::make_operation(sorted_grid(input, request), input->dtype, {input},
                              std::make_shared<SortBlocks>(input, request));
}

SortedNodes sort_with_positions(const expr::NodePtr& input, const SortRequest& request) {
  SortRequest both = request;
  both.values = both.positions = true;
  const std::vector<expr::NodePtr> made =
      expr::make_outputs({input}, std::make_shared<SortBlocks>(input, both));
  return {made[0], made[1]};
}

}  // namespace varve::ops
