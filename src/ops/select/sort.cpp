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

/// Gathers the rows of one block after the other and sorts them.
class SortBlocks final : public expr::Described<SortBlocks>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "sort";
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "extent", op.extent_);
    SortRequest::fields(op.request_, visit);
  }

  SortBlocks() = default;
  SortBlocks(const expr::NodePtr& input, const SortRequest& request)
      : dtype_(input->dtype), extent_(input->shape[request.axis]), request_(request) {
    prepare();
  }
  void prepare() {
    expr::require_parameter(
        expr::is_axis(request_.axis) && request_.most >= 1 && request_.block >= request_.most,
        "sorted blocks lie along an axis, and what is taken of one lies in it");
    kernel_ = kernels::find_sort(dtype_);
    expr::require_parameter(kernel_ != nullptr, "the dtype cannot be sorted");
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
    for_each_stretch(box, request_.axis, request_.most, [&](const Box& part) {
      run_block(part, out.sub(relative_to(part, box.lo)), memory, context);
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

  // `part` is what is wanted of one block.
  void run_block(const Box& part, const StridedView& out, const Memory& memory,
                 expr::OperatorContext& context) const {
    const std::int64_t axis = request_.axis;
    const std::int64_t block = part.lo[axis] / request_.most;
    const Box needed = blocks_of_input(part, block, block + 1);
    const std::int64_t length = needed.extent(axis);
    std::byte* rows = memory.rows.in(context.memory());
    context.read(0, needed, FoldedAxes(needed.shape(), {axis}).rows(rows, dtype_, needed));

    const std::int64_t skipped = part.lo[axis] - block * request_.most;
    context.for_each(element_count(one_row(part.shape(), axis)), [&](std::int64_t number, int worker) {
      const StridedView target = row_of(out, axis, number);
      std::byte* row = rows + number * length * size_bytes(dtype_);
      kernel_->to_keys(row, length, request_.descending);
      const std::byte* sorted = row;
      if (request_.positions) {
        const std::span<std::int64_t> positions = memory.positions.in(context.memory(), worker);
        kernel_->positions(row, length, std::min(request_.most, length),
                           memory.items.in(context.memory(), worker).data(), positions.data());
        sorted = std::as_bytes(positions).data();
      } else {
        sort_keys(row, length);
      }
      kernels::copy({sorted + skipped * size_bytes(target.dtype), target.dtype, target.shape}, target);
    });
  }

  void sort_keys(std::byte* row, std::int64_t length) const {
    const std::int64_t most = std::min(request_.most, length);
    kernel_->sort_keys(row, length, most);
    kernel_->from_keys(row, most, request_.descending);
  }

  DType dtype_ = DType::float64;
  std::int64_t extent_ = 0;
  SortRequest request_;
  const kernels::SortKernel* kernel_ = nullptr;
};

}  // namespace

extern const expr::OperatorRow sort_row = SortBlocks::row();

expr::NodePtr sort_blocks(const expr::NodePtr& input, const SortRequest& request) {
  const std::int64_t axis = request.axis;
  // Chunks: one block along the axis; as many kept elements as suit its rows.
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
  return expr::make_operation({shape, chunks, offset}, request.positions ? DType::int64 : input->dtype,
                              {input}, std::make_shared<SortBlocks>(input, request));
}

}  // namespace varve::ops
