#include <algorithm>
#include <cstring>

#include "kernels/copy.hpp"
#include "kernels/factor.hpp"
#include "ops/equations.hpp"
#include "ops/operators.hpp"
#include "ops/tile_product.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

constexpr std::int64_t kDouble = sizeof(double);
// Panels are narrow, since a whole one lies in memory, and not more than can be planned quickly.
constexpr std::int64_t kPanels = 64;
constexpr std::int64_t kWidthStep = 32;
constexpr std::int64_t kLargestWidth = 256;
// What is read of a panel by one thread, and by all before it is multiplied.
constexpr std::int64_t kCellBytes = 256 << 10;
constexpr std::int64_t kPieceBytes = 1 << 20;
// Right-hand sides that lie in memory together.
constexpr std::int64_t kRightBytes = 4 << 20;

std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

MatrixView dense(std::byte* data, std::int64_t columns) { return {data, columns * kDouble, kDouble}; }

/// Says how a square matrix is cut: panel i holds so many columns from i * width on. A factored one has a row
/// more than the matrix, which tells the row that each of its rows from the diagonal down was exchanged with.
/// Exchanges are not applied to the panels before it.
struct Panels {
  std::int64_t n = 0;
  std::int64_t width = 0;

  static void fields(auto& self, auto& visit) { visit("n", self.n); }

  Panels() = default;
  explicit Panels(std::int64_t extent) : n(extent) { prepare(); }
  void prepare() {
    expr::require_parameter(n >= 1, "a matrix has rows");
    const std::int64_t wanted = (n + kPanels - 1) / kPanels;
    width = std::min((wanted + kWidthStep - 1) / kWidthStep * kWidthStep, kLargestWidth);
  }
  [[nodiscard]] std::int64_t first(std::int64_t panel) const { return panel * width; }
  [[nodiscard]] std::int64_t count() const { return (n + width - 1) / width; }
  [[nodiscard]] std::int64_t end(std::int64_t panel) const { return std::min(first(panel) + width, n); }
  [[nodiscard]] std::int64_t wide(std::int64_t panel) const { return end(panel) - first(panel); }
  [[nodiscard]] std::int64_t piece_rows() const {
    return std::min(std::max<std::int64_t>(kPieceBytes / (width * kDouble), 64), n);
  }
  // A box of rows of a factored panel.
  [[nodiscard]] Box rows(std::int64_t panel, std::int64_t lo, std::int64_t hi) const {
    return {{lo, 0}, {hi, wide(panel)}};
  }
};

/// The memory in which some columns, whole, are worked on.
class Columns {
 public:
  static std::int64_t workspace_bytes(const Panels& panels, std::int64_t columns) {
    return layout_of(panels, columns).bytes;
  }

  Columns(const Panels& panels, std::int64_t columns, expr::OperatorContext& context)
      : panels_(panels), columns_(columns), context_(context), layout_(layout_of(panels, columns)) {}

  [[nodiscard]] MatrixView values() const { return dense(memory(), columns_); }
  [[nodiscard]] StridedView rows(std::int64_t count) const {
    return {memory(), DType::float64, Shape{count, columns_}};
  }
  [[nodiscard]] std::int64_t* exchanges() const {
    return reinterpret_cast<std::int64_t*>(memory() + layout_.exchanges);
  }
  [[nodiscard]] std::byte* packed() const { return memory() + layout_.product; }

  // Multiplies by the inverse of a panel's part of L, rows exchanged.
  void solve_lower(int input, std::int64_t panel) {
    const std::int64_t first = panels_.first(panel);
    const std::int64_t wide = panels_.wide(panel);
    read(input, panels_.rows(panel, panels_.n, panels_.n + 1));
    const auto* rows = reinterpret_cast<const double*>(square());
    for (std::int64_t i = 0; i < wide; ++i) exchanges()[i] = static_cast<std::int64_t>(rows[i]) - first;
    kernels::exchange_rows(values().from(first, 0), columns_, exchanges(), wide);
    read(input, panels_.rows(panel, first, first + wide));
    kernels::solve_unit_lower(dense(square(), wide), wide, values().from(first, 0), columns_, packed());
    subtract(input, panel, first + wide, panels_.n);
  }

  // Multiplies by the inverse of a panel's part of U.
  void solve_upper(int input, std::int64_t panel) {
    const std::int64_t first = panels_.first(panel);
    const std::int64_t wide = panels_.wide(panel);
    read(input, panels_.rows(panel, first, first + wide));
    kernels::solve_upper(dense(square(), wide), wide, values().from(first, 0), columns_);
    subtract(input, panel, 0, first);
  }

 private:
  struct Layout {
    std::int64_t exchanges = 0;
    std::int64_t square = 0;
    std::int64_t product = 0;
    std::int64_t bytes = 0;
  };
  static Layout layout_of(const Panels& panels, std::int64_t columns) {
    Layout layout;
    layout.exchanges = aligned((panels.n + 1) * columns * kDouble);
    layout.square = layout.exchanges + aligned(panels.width * kDouble);
    layout.product = layout.square + aligned(panels.width * panels.width * kDouble);
    const TileExtents piece{1, 1, 1, panels.piece_rows(), columns, panels.width};
    layout.bytes = layout.product + std::max(TileProduct::workspace_bytes(DType::float64, piece),
                                             kernels::triangular_workspace_bytes(panels.n, columns));
    return layout;
  }
  [[nodiscard]] std::byte* memory() const { return context_.workspace().data(); }
  [[nodiscard]] std::byte* square() const { return memory() + layout_.square; }

  void read(int input, const Box& box) {
    context_.read(input, box, StridedView(square(), DType::float64, box.shape()));
  }

  // Takes rows of a panel times its rows of the columns off rows `lo` to `hi`.
  void subtract(int input, std::int64_t panel, std::int64_t lo, std::int64_t hi) {
    const std::int64_t wide = panels_.wide(panel);
    const std::byte* right = values().at(panels_.first(panel), 0);
    for (std::int64_t row = lo; row < hi; row += panels_.piece_rows()) {
      const Box piece = panels_.rows(panel, row, std::min(row + panels_.piece_rows(), hi));
      const TileExtents extents{1, 1, 1, piece.extent(0), columns_, wide};
      TileProduct product(DType::float64, extents, packed(), context_, [&](std::int64_t) {
        return BatchItem{0, 0, values().from(row, 0)};
      });
      product.subtract_from_result();
      context_.read(input, piece, StridedView(product.left_panel(), DType::float64, piece.shape()));
      std::memcpy(product.right_panel(), right, static_cast<std::size_t>(wide * columns_ * kDouble));
      product.add(wide);
    }
  }

  const Panels& panels_;
  std::int64_t columns_;
  expr::OperatorContext& context_;
  Layout layout_;
};

/// Factors a panel: inputs are its columns, and all panels before it.
class FactorPanel final : public expr::Described<FactorPanel> {
 public:
  static constexpr std::string_view kKind = "factor_panel";
  static void fields(auto& op, auto& visit) {
    visit("matrix", op.panels_, "panel", op.panel_, "parts", op.parts_);
  }

  FactorPanel() = default;
  FactorPanel(const Panels& panels, std::int64_t panel, std::int64_t parts)
      : panels_(panels), panel_(panel), parts_(parts) {}
  void prepare() const {
    const bool fits = panel_ >= 0 && panel_ < panels_.count() && parts_ >= 1;
    expr::require_parameter(fits, "a panel is one of the matrix");
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "solve"; }
  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
  [[nodiscard]] int inputs_in_turn() const noexcept override { return 1; }

  [[nodiscard]] std::vector<Box> demand(int input, const Box&) const override {
    if (input == 0) return {Box(Shape{panels_.n, panels_.wide(panel_)})};
    return {panels_.rows(input - 1, panels_.first(input - 1), panels_.n + 1)};
  }
  [[nodiscard]] bool demands_same(int) const noexcept override { return true; }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape&, int) const override {
    return Columns::workspace_bytes(panels_, panels_.wide(panel_));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::int64_t first = panels_.first(panel_);
    const std::int64_t wide = panels_.wide(panel_);
    Columns columns(panels_, wide, context);
    context.read(0, demand(0, box)[0], columns.rows(panels_.n));
    for (std::int64_t before = 0; before < panel_; ++before) {
      columns.solve_lower(static_cast<int>(before) + 1, before);
    }
    const MatrixView values = columns.values();
    const std::int64_t failed = kernels::lu_factor(values.from(first, 0), panels_.n - first, wide,
                                                   columns.exchanges(), columns.packed());
    if (failed >= 0) {
      const std::int64_t column = (first + failed) / parts_;
      throw SingularMatrixError("solve: the matrix is singular: column " + std::to_string(column) +
                                    " depends on the columns before it",
                                column);
    }
    auto* exchanged = reinterpret_cast<double*>(values.at(panels_.n, 0));
    for (std::int64_t i = 0; i < wide; ++i)
      exchanged[i] = static_cast<double>(first + columns.exchanges()[i]);
    kernels::copy(varve::as_const(columns.rows(panels_.n + 1).sub(box)), out);
  }

 private:
  Panels panels_;
  std::int64_t panel_ = 0;
  std::int64_t parts_ = 1;
};

/// Solves by the factored panels: the first input is the right-hand side, the others are all panels.
class SolvePanels final : public expr::Described<SolvePanels> {
 public:
  static constexpr std::string_view kKind = "solve_panels";
  static void fields(auto& op, auto& visit) { visit("matrix", op.panels_); }

  SolvePanels() = default;
  explicit SolvePanels(const Panels& panels) : panels_(panels) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "solve"; }
  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
  [[nodiscard]] int inputs_in_turn() const noexcept override { return 1; }

  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    if (input == 0) return {{{0, box.lo[1]}, {panels_.n, box.hi[1]}}};
    return {panels_.rows(input - 1, panels_.first(input - 1), panels_.n + 1),
            panels_.rows(input - 1, 0, panels_.end(input - 1))};
  }
  [[nodiscard]] bool demands_same(int input) const noexcept override { return input > 0; }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int) const override {
    return Columns::workspace_bytes(panels_, box[1]);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    Columns columns(panels_, box.extent(1), context);
    context.read(0, demand(0, box)[0], columns.rows(panels_.n));
    for (std::int64_t panel = 0; panel < panels_.count(); ++panel)
      columns.solve_lower(static_cast<int>(panel) + 1, panel);
    for (std::int64_t panel = panels_.count() - 1; panel >= 0; --panel) {
      columns.solve_upper(static_cast<int>(panel) + 1, panel);
    }
    const Box rows{{box.lo[0], 0}, {box.hi[0], box.extent(1)}};
    kernels::copy(varve::as_const(columns.rows(panels_.n).sub(rows)), out);
  }

 private:
  Panels panels_;
};

// Some columns of a matrix.
expr::NodePtr columns_of(const expr::NodePtr& a, std::int64_t first, std::int64_t count) {
  const Shape shape{a->shape[0], count};
  return expr::make_view(a, expr::IndexMap(shape, {{0, 0, 1, nullptr}, {1, first, 1, nullptr}}));
}

}  // namespace

const expr::OperatorRow factor_panel_row = FactorPanel::row();
const expr::OperatorRow solve_panels_row = SolvePanels::row();

expr::NodePtr solve(const expr::NodePtr& a, const expr::NodePtr& b, std::int64_t parts) {
  const Panels panels(a->shape[0]);
  const std::int64_t cell_rows = std::max(kCellBytes / (panels.width * kDouble), kWidthStep);
  std::vector<expr::NodePtr> factored;
  for (std::int64_t panel = 0; panels.first(panel) < panels.n; ++panel) {
    const Shape shape{panels.n + 1, panels.wide(panel)};
    std::vector<expr::NodePtr> inputs = {columns_of(a, panels.first(panel), panels.wide(panel))};
    inputs.insert(inputs.end(), factored.begin(), factored.end());
    const expr::NodePtr made =
        expr::make_stored(expr::make_operation(ChunkGrid(shape, shape), DType::float64, std::move(inputs),
                                               std::make_shared<FactorPanel>(panels, panel, parts)));
    // Made whole, read in parts.
    factored.push_back(expr::with_grid(made, ChunkGrid(shape, Shape{cell_rows, shape[1]})));
  }
  std::vector<expr::NodePtr> inputs = {b};
  inputs.insert(inputs.end(), factored.begin(), factored.end());
  const std::int64_t together = std::max<std::int64_t>(kRightBytes / (panels.n * kDouble), 1);
  return expr::make_operation(ChunkGrid(b->shape, Shape{panels.n, std::min(together, b->shape[1])}),
                              DType::float64, std::move(inputs), std::make_shared<SolvePanels>(panels));
}

}  // namespace varve::ops
