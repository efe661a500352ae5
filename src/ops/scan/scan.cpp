#include "ops/scan/scan.hpp"

#include <algorithm>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "expr/walk.hpp"
#include "kernels/copy.hpp"
#include "ops/gather/concat.hpp"
#include "ops/pieces.hpp"
#include "ops/scan/panels.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

using kernels::ScanKernel;
using kernels::ScanOp;

// A block has at least kMinRows elements along the axis, so that the totals are much smaller than the
// input, and goes on to kEnoughRows unless it has kEnoughBytes before.
constexpr std::int64_t kMinRows = 8;
constexpr std::int64_t kEnoughRows = 64;
constexpr std::int64_t kEnoughBytes = 16 << 20;

// The blocks along the axis: whole natural chunks.
struct ScanBlocks {
  std::int64_t size = 1;
  std::int64_t offset = 0;

  [[nodiscard]] std::int64_t of(std::int64_t row) const { return (row + offset) / size; }
  [[nodiscard]] std::int64_t begin(std::int64_t block) const {
    return std::max<std::int64_t>(block * size - offset, 0);
  }
  [[nodiscard]] std::int64_t end(std::int64_t block, std::int64_t extent) const {
    return std::min((block + 1) * size - offset, extent);
  }

  static void fields(auto& self, auto& visit) { visit("size", self.size, "offset", self.offset); }
  void prepare() const {
    expr::require_parameter(size >= 1 && offset >= 0 && offset < size, "blocks have a size and begin in one");
  }
};

ScanBlocks blocks_of(const ChunkGrid& grid, std::int64_t axis, std::int64_t element_bytes) {
  const std::int64_t extent = std::max<std::int64_t>(grid.shape()[axis], 1);
  const std::int64_t chunk = grid.chunks()[axis];
  const std::int64_t row_bytes = saturating_multiply(saturating_count(grid.chunks()) / chunk, element_bytes);
  const std::int64_t by_bytes = std::max(kEnoughBytes / std::max<std::int64_t>(row_bytes, 1), kMinRows);
  const std::int64_t wanted = std::min(by_bytes, kEnoughRows);
  const std::int64_t size = divide_up(wanted, chunk) * chunk;
  if (size >= extent + grid.offset()[axis]) return {extent, 0};
  return {size, grid.offset()[axis]};
}

using PanelFunction = void (*)(void*, const kernels::Panel&) noexcept;

// Runs a kernel over all panels of a view, with the dense states of all kept elements.
void run_panels(PanelFunction kernel, const StridedView& view, std::int64_t axis, const StridedView& states,
                expr::OperatorContext& context) {
  const RowPanels panels(view, axis);
  context.for_each(panels.count(), [&](std::int64_t number, int) {
    kernel(states.data + panels.first_kept(number) * size_bytes(states.dtype), panels.panel(number));
  });
}

std::int64_t kept_count(const Shape& shape, std::int64_t axis) {
  return saturating_count(without_axis(shape, axis));
}

// Room for the states of so many kept elements.
expr::Elements add_states(expr::Workspace& workspace, ScanOp op, DType dtype, std::int64_t kept) {
  return workspace.add(kernels::find_scan(op, dtype)->state_dtype, kept);
}

void require_scan(ScanOp op, DType dtype) {
  expr::require_parameter(op <= ScanOp::max && kernels::find_scan(op, dtype) != nullptr,
                          "there is no such scan of this dtype");
}

/// Folds each block along the axis to one element.
class BlockTotals final : public expr::Described<BlockTotals> {
 public:
  static constexpr std::string_view kKind = "scan_totals";
  static void fields(auto& op, auto& visit) {
    visit("op", op.op_, "dtype", op.dtype_, "axis", op.axis_, "blocks", op.blocks_, "grid", op.grid_);
  }

  BlockTotals() = default;
  BlockTotals(ScanOp op, const expr::NodePtr& input, std::int64_t axis, const ScanBlocks& blocks)
      : op_(op), dtype_(input->dtype), axis_(axis), blocks_(blocks), grid_(input->grid) {}
  void prepare() const {
    require_scan(op_, dtype_);
    expr::require_parameter(axis_ >= 0 && axis_ < grid_.ndim(), "a scan runs along an axis");
  }

  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return {between(box, axis_, blocks_.begin(box.lo[axis_]), block_end(box.hi[axis_] - 1))};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, largest_piece(box, workers));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Memory memory(*this, largest_piece(box.shape(), context.workers()));
    const ChunkGrid pieces = pieces_of(grid_, size_bytes(dtype_), context.workers());
    const std::int64_t first = blocks_.begin(box.lo[axis_]);
    // Kept elements piece by piece, so that chunks are read whole; for each, one block after the other.
    for_each_piece(pieces, between(box, axis_, first, first + 1), [&](const Box& column) {
      for (std::int64_t block = box.lo[axis_]; block < box.hi[axis_]; ++block) {
        const Box target = relative_to(between(column, axis_, block, block + 1), box.lo);
        const Box rows = between(column, axis_, blocks_.begin(block), block_end(block));
        total(rows, pieces, out.sub(target), memory, context);
      }
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const BlockTotals& op, const Shape& largest)
        : states(add_states(*this, op.op_, op.dtype_, kept_count(largest, op.axis_))),
          piece(add(op.dtype_, saturating_count(largest))) {}
    expr::Elements states;
    expr::Elements piece;
  };

  [[nodiscard]] std::int64_t block_end(std::int64_t block) const {
    return blocks_.end(block, grid_.shape()[axis_]);
  }

  [[nodiscard]] Shape largest_piece(Shape box, int workers) const {
    const Shape pieces = pieces_of(grid_, size_bytes(dtype_), workers).chunks();
    box[axis_] = blocks_.size;
    for (std::int64_t axis = 0; axis < box.size(); ++axis) box[axis] = std::min(box[axis], pieces[axis]);
    return box;
  }

  // Folds one block into a row of totals.
  void total(const Box& block, const ChunkGrid& pieces, const StridedView& out, const Memory& memory,
             expr::OperatorContext& context) const {
    const ScanKernel& kernel = *kernels::find_scan(op_, dtype_);
    const StridedView states = memory.states.view(context.memory(), one_row(block.shape(), axis_));
    kernel.init(states.data, element_count(states.shape));
    for_each_piece(pieces, block, [&](const Box& part) {
      const StridedView view = memory.piece.view(context.memory(), part.shape());
      context.read(0, part, view);
      run_panels(kernel.fold, view, axis_, states, context);
    });
    kernels::copy(varve::as_const(states), out);
  }

  ScanOp op_ = ScanOp::sum;
  DType dtype_ = DType::float64;
  std::int64_t axis_ = 0;
  ScanBlocks blocks_;
  ChunkGrid grid_;
};

/// Scans blocks; the state before block b > 0 is row b - 1 of input 1.
class Scan final : public expr::Described<Scan>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "scan";
  static void fields(auto& op, auto& visit) {
    visit("op", op.op_, "dtype", op.dtype_, "axis", op.axis_, "blocks", op.blocks_, "extent", op.extent_,
          "begins_again", op.begins_again_);
  }

  Scan() = default;
  Scan(ScanOp op, const expr::NodePtr& input, std::int64_t axis, const ScanBlocks& blocks)
      : op_(op),
        dtype_(input->dtype),
        axis_(axis),
        blocks_(blocks),
        extent_(input->shape[axis]),
        begins_again_(expr::runs_operations(*input)) {}
  void prepare() const {
    require_scan(op_, dtype_);
    expr::require_parameter(expr::is_axis(axis_) && extent_ >= 0, "a scan runs along an axis");
  }

  [[nodiscard]] expr::ValueOrigin value_origin(int input) const override {
    if (input != 0 || op_ == ScanOp::prod) return expr::ValueOrigin::other;
    return op_ == ScanOp::max ? expr::ValueOrigin::elements : expr::ValueOrigin::quantity;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int input, std::int64_t axis) const override {
    return input == 0 ? expr::AxisOrigin{axis, true} : expr::AxisOrigin{};
  }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    const std::int64_t first = blocks_.of(box.lo[axis_]);
    if (input == 0) return {between(box, axis_, blocks_.begin(first), box.hi[axis_])};
    const std::int64_t last = blocks_.of(box.hi[axis_] - 1);
    if (last == 0) return {};
    return {between(box, axis_, std::max<std::int64_t>(first - 1, 0), last)};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const ScanKernel& kernel = *kernels::find_scan(op_, dtype_);
    const Memory memory(*this, box.shape());
    const StridedView states = memory.states.view(context.memory(), one_row(box.shape(), axis_));
    for (std::int64_t row = box.lo[axis_]; row < box.hi[axis_];) {
      const std::int64_t block = blocks_.of(row);
      if (block == 0) {
        kernel.init(states.data, element_count(states.shape));
      } else {
        context.read(1, between(box, axis_, block - 1, block), states);
      }
      // Only the first block can begin before the box.
      if (blocks_.begin(block) < row) {
        const Box before = between(box, axis_, blocks_.begin(block), row);
        fold(before, room_before(out, memory, context), states, context);
      }
      const std::int64_t stop = std::min(blocks_.end(block, extent_), box.hi[axis_]);
      const StridedView view = read_rows(box, row, stop, row - box.lo[axis_], out, context);
      run_panels(kernel.scan, view, axis_, states, context);
      row = stop;
    }
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const Scan& op, const Shape& box)
        : states(add_states(*this, op.op_, op.dtype_, kept_count(box, op.axis_))),
          before(add(op.dtype_, op.elements_before(kept_count(box, op.axis_)))) {}
    expr::Elements states;
    expr::Elements before;
  };

  // Rows of a block that lie before a box are read by so many bytes at a time. An input that operations make
  // may itself have to begin far before them, for each piece again: there are few pieces then, whatever the
  // block.
  [[nodiscard]] std::int64_t elements_before(std::int64_t kept) const {
    constexpr std::int64_t kPieceBytes = 256 << 10;
    constexpr std::int64_t kFewPieces = 8;
    const std::int64_t rows = begins_again_ ? divide_up(blocks_.size, kFewPieces) : 1;
    return std::min(saturating_multiply(kept, blocks_.size),
                    std::max(kPieceBytes / size_bytes(dtype_), saturating_multiply(kept, rows)));
  }

  // Where rows before a box are read to: the workspace, or the box's own memory where that is larger.
  [[nodiscard]] StridedView room_before(const StridedView& out, const Memory& memory,
                                        expr::OperatorContext& context) const {
    Shape piece = out.shape;
    const std::int64_t kept = kept_count(piece, axis_);
    piece[axis_] = elements_before(kept) / kept;
    return piece[axis_] <= out.shape[axis_] ? out : memory.before.view(context.memory(), piece);
  }

  // Folds rows of the input into the states, as many at a time as the target has.
  void fold(const Box& rows, const StridedView& target, const StridedView& states,
            expr::OperatorContext& context) const {
    const ScanKernel& kernel = *kernels::find_scan(op_, dtype_);
    const std::int64_t last = rows.hi[axis_];
    for (std::int64_t first = rows.lo[axis_]; first < last;) {
      const std::int64_t stop = std::min(first + target.shape[axis_], last);
      const StridedView view = read_rows(rows, first, stop, 0, target, context);
      run_panels(kernel.fold, view, axis_, states, context);
      first = stop;
    }
  }

  // Reads rows [lo, hi) of the input to row `at` of the target and on; returns where they are.
  [[nodiscard]] StridedView read_rows(const Box& box, std::int64_t lo, std::int64_t hi, std::int64_t at,
                                      const StridedView& target, expr::OperatorContext& context) const {
    const StridedView view = target.sub(between(Box(target.shape), axis_, at, at + hi - lo));
    context.read(0, between(box, axis_, lo, hi), view);
    return view;
  }

  ScanOp op_ = ScanOp::sum;
  DType dtype_ = DType::float64;
  std::int64_t axis_ = 0;
  ScanBlocks blocks_;
  std::int64_t extent_ = 0;
  bool begins_again_ = false;
};

ChunkGrid with_axis(const ChunkGrid& grid, std::int64_t axis, std::int64_t extent, std::int64_t chunk,
                    std::int64_t offset) {
  Shape shape = grid.shape();
  Shape chunks = grid.chunks();
  Index offsets = grid.offset();
  shape[axis] = extent;
  chunks[axis] = chunk;
  offsets[axis] = offset;
  return {shape, chunks, offsets};
}

expr::NodePtr scan_blocks(ScanOp op, const expr::NodePtr& input, std::int64_t axis, const ScanBlocks& blocks,
                          const expr::NodePtr& carries) {
  const std::int64_t extent = input->shape[axis];
  const ChunkGrid grid = with_axis(input->grid, axis, extent, blocks.size, blocks.offset);
  std::vector<expr::NodePtr> inputs = {input};
  if (carries) inputs.push_back(carries);
  return expr::make_operation(grid, input->dtype, std::move(inputs),
                              std::make_shared<Scan>(op, input, axis, blocks));
}

}  // namespace

extern const expr::OperatorRow scan_totals_row = BlockTotals::row();
extern const expr::OperatorRow scan_row = Scan::row();

expr::NodePtr scan(ScanOp op, const expr::NodePtr& array, std::int64_t axis) {
  const std::int64_t extent = array->shape[axis];
  const ScanBlocks blocks = blocks_of(array->grid, axis, size_bytes(array->dtype));
  if (extent <= blocks.size - blocks.offset) return scan_blocks(op, array, axis, blocks, nullptr);
  // Totals and scan both read it all.
  const expr::NodePtr input = expr::runs_operations(*array) ? expr::make_materialised(array) : array;
  const std::int64_t count = blocks.of(extent - 1) + 1;
  const DType state = kernels::find_scan(op, input->dtype)->state_dtype;
  const expr::NodePtr totals =
      expr::make_materialised(expr::make_operation(with_axis(input->grid, axis, count, 1, 0), state, {input},
                                                   std::make_shared<BlockTotals>(op, input, axis, blocks)));
  // Each block reads one carry: cells of one, so that a tile need not hold them all.
  const expr::NodePtr carries = expr::make_materialised(scan_blocks(op, totals, axis, {count, 0}, nullptr));
  return scan_blocks(op, input, axis, blocks, expr::with_grid(carries, totals->grid));
}

expr::NodePtr with_initial(const expr::NodePtr& scanned, std::int64_t axis, const Scalar& identity) {
  const ChunkGrid first = with_axis(scanned->grid, axis, 1, 1, 0);
  const expr::NodePtr joined =
      concat({expr::make_constant(first.shape(), scanned->dtype, identity, first), scanned}, axis);
  // Boundaries of chunks lie where those of the scan do, one further.
  const std::int64_t chunk = scanned->grid.chunks()[axis];
  const std::int64_t offset = (scanned->grid.offset()[axis] + chunk - 1) % chunk;
  return expr::with_grid(joined, with_axis(scanned->grid, axis, joined->shape[axis], chunk, offset));
}

}  // namespace varve::ops
