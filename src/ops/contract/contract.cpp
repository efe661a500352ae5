#include "ops/contract/contract.hpp"

#include <algorithm>
#include <cmath>

#include "expr/fields.hpp"
#include "kernels/copy.hpp"
#include "ops/contract/contract_chunks.hpp"
#include "ops/contract/tile_product.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

/// Keeps the tile of the result in place, and reads panels of the inputs that are as deep as the grid of
/// panels says.
class Contract final : public expr::Described<Contract> {
 public:
  static constexpr std::string_view kKind = "contract";
  /// What one input needs to be decoded is better spent on a larger tile.
  static constexpr expr::Reading kReading{.again = true, .in_turn = 1};
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "left", op.left_, "right", op.right_, "panels", op.panels_, "batch",
          op.axes_.batch, "rows", op.axes_.rows, "depth", op.axes_.depth, "columns", op.axes_.columns);
  }

  Contract() = default;
  Contract(DType dtype, const Shape& left, const Shape& right, const ContractAxes& axes,
           const ChunkGrid& panels)
      : dtype_(dtype), left_(left), right_(right), axes_(axes), panels_(panels) {}
  void prepare() const {
    const auto [batch, rows, depth, columns] = axes_;
    const bool fits = std::min({batch, rows, depth, columns}) >= 0 && panels_.ndim() == depth &&
                      left_.size() == batch + rows + depth && right_.size() == batch + depth + columns;
    expr::require_parameter(fits && dtype_ != DType::float16, "the shapes have the axes that are counted");
  }

  /// 2 m n k / sqrt(S) - 2 S words with S words of memory (Smith, Lowery, Langou and van de Geijn, 2019).
  [[nodiscard]] double min_bytes_read(std::int64_t memory_bytes) const override {
    const auto element = static_cast<double>(size_bytes(dtype_));
    const double words = static_cast<double>(memory_bytes) / element;
    double products = 2 * static_cast<double>(saturating_count(panels_.shape()));
    for (std::int64_t axis = 0; axis < axes_.batch; ++axis)
      products *= static_cast<double>(std::max(left_[axis], right_[axis]));
    products *= static_cast<double>(count_along(left_, axes_.batch, axes_.batch + axes_.rows));
    products *= static_cast<double>(
        count_along(right_, axes_.batch + axes_.depth, axes_.batch + axes_.depth + axes_.columns));
    return std::max(products / std::sqrt(words) - 2 * words, 0.0) * element;
  }

  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    return {input == 0 ? left_box(box, Box(panels_.shape())) : right_box(box, Box(panels_.shape()))};
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Shape shape = box.shape();
    const Memory memory(*this, shape);
    const StridedView result = is_staged() ? memory.staged.view(context.memory(), shape) : out;
    TileProduct tile(memory.tile, context, [&](std::int64_t b) { return item_of(b, result); });
    for_each_chunk(panels_, Box(panels_.shape()), [&](const ChunkIndex& number) {
      const Box panel = panels_.box_of(number);
      const Box left = left_box(box, panel);
      const Box right = right_box(box, panel);
      context.read(0, left, StridedView(tile.left_panel(), dtype_, left.shape()));
      context.read(1, right, StridedView(tile.right_panel(), dtype_, right.shape()));
      tile.add(element_count(panel.shape()));
    });
    if (is_staged()) kernels::copy(varve::as_const(result), out);
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const Contract& op, const Shape& box)
        : staged(add(op.dtype_, op.is_staged() ? saturating_count(box) : 0)),
          tile(*this, op.dtype_, op.extents_of(box)) {}
    expr::Elements staged;
    TileMemory tile;
  };

  // Several axes of rows or columns need not lie in the result as one does.
  [[nodiscard]] bool is_staged() const { return axes_.rows > 1 || axes_.columns > 1; }
  [[nodiscard]] TileExtents extents_of(const Shape& box) const {
    TileExtents extents;
    extents.batch = count_along(box, 0, axes_.batch);
    for (std::int64_t axis = 0; axis < axes_.batch; ++axis) {
      if (left_[axis] > 1) extents.left_batch *= box[axis];
      if (right_[axis] > 1) extents.right_batch *= box[axis];
    }
    extents.rows = count_along(box, axes_.batch, axes_.batch + axes_.rows);
    extents.columns = count_along(box, axes_.batch + axes_.rows, axes_.batch + axes_.rows + axes_.columns);
    extents.depth = count_along(panels_.chunks(), 0, axes_.depth);
    return extents;
  }

  [[nodiscard]] Box left_box(const Box& box, const Box& panel) const {
    Box result = batch_box(left_, box);
    for (std::int64_t i = 0; i < axes_.rows; ++i) append(result, box, axes_.batch + i);
    for (std::int64_t i = 0; i < axes_.depth; ++i) append(result, panel, i);
    return result;
  }
  [[nodiscard]] Box right_box(const Box& box, const Box& panel) const {
    Box result = batch_box(right_, box);
    for (std::int64_t i = 0; i < axes_.depth; ++i) append(result, panel, i);
    for (std::int64_t i = 0; i < axes_.columns; ++i) append(result, box, axes_.batch + axes_.rows + i);
    return result;
  }
  static void append(Box& box, const Box& from, std::int64_t axis) {
    box.lo.push_back(from.lo[axis]);
    box.hi.push_back(from.hi[axis]);
  }
  [[nodiscard]] Box batch_box(const Shape& input, const Box& box) const {
    Box result;
    for (std::int64_t axis = 0; axis < axes_.batch; ++axis) {
      result.lo.push_back(input[axis] > 1 ? box.lo[axis] : 0);
      result.hi.push_back(input[axis] > 1 ? box.hi[axis] : 1);
    }
    return result;
  }

  [[nodiscard]] BatchItem item_of(std::int64_t number, const StridedView& result) const {
    BatchItem item;
    item.out = {result.data, stride_of(result, axes_.batch, axes_.rows),
                stride_of(result, axes_.batch + axes_.rows, axes_.columns)};
    std::int64_t left_step = 1;
    std::int64_t right_step = 1;
    for (std::int64_t axis = axes_.batch - 1; axis >= 0; --axis) {
      const std::int64_t extent = result.shape[axis];
      const std::int64_t at = number % extent;
      number /= extent;
      item.out.data += at * result.byte_strides[axis];
      if (left_[axis] > 1) {
        item.left += at * left_step;
        left_step *= extent;
      }
      if (right_[axis] > 1) {
        item.right += at * right_step;
        right_step *= extent;
      }
    }
    return item;
  }
  // The stride of one axis, or of several that lie densely.
  [[nodiscard]] static std::int64_t stride_of(const StridedView& view, std::int64_t first,
                                              std::int64_t count) {
    return count == 0 ? 0 : view.byte_strides[first + count - 1];
  }

  DType dtype_ = DType::float64;
  Shape left_;
  Shape right_;
  ContractAxes axes_;
  ChunkGrid panels_;
};

}  // namespace

extern const expr::OperatorRow contract_row = Contract::row();

expr::NodePtr contract(const expr::NodePtr& left, const expr::NodePtr& right, const ContractAxes& axes) {
  const ContractChunks chunks = contract_chunks(*left, *right, axes);
  if (element_count(chunks.panels.shape()) == 0 || element_count(chunks.result.shape()) == 0) {
    return expr::make_constant(chunks.result.shape(), left->dtype, Scalar(0), chunks.result);
  }
  auto op = std::make_shared<Contract>(left->dtype, left->shape, right->shape, axes, chunks.panels);
  return expr::make_operation(chunks.result, left->dtype, {left, right}, std::move(op));
}

}  // namespace varve::ops
