#include <algorithm>
#include <cstring>

#include "expr/fields.hpp"
#include "kernels/copy.hpp"
#include "kernels/factor.hpp"
#include "ops/contract/tile_product.hpp"
#include "ops/factor/equations.hpp"
#include "varve/core/error.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

constexpr std::int64_t kDouble = sizeof(double);
// ColumnPanels are narrow, since a whole one lies in memory, and not more than can be planned quickly.
constexpr std::int64_t kPanels = 64;
constexpr std::int64_t kWidthStep = 32;
constexpr std::int64_t kLargestWidth = 256;
// What is read of a panel by one thread, and by all before it is multiplied.
constexpr std::int64_t kCellBytes = 256 << 10;
constexpr std::int64_t kPieceBytes = 1 << 20;
// Right-hand sides that lie in memory together.
constexpr std::int64_t kRightBytes = 4 << 20;

MatrixView dense(std::byte* data, std::int64_t columns) { return {data, columns * kDouble, kDouble}; }

/// Says how a square matrix is cut: panel i holds so many columns from i * width on. Beside a factored one
/// stand the exchanges of rows up to its last column: the row that each row was exchanged with, counted from
/// the first of its panel. They are not applied to the panels before it.
struct ColumnPanels {
  std::int64_t n = 0;
  std::int64_t width = 0;

  static void fields(auto& self, auto& visit) { visit("n", self.n); }

  ColumnPanels() = default;
  explicit ColumnPanels(std::int64_t extent) : n(extent) { prepare(); }
  void prepare() {
    expr::require_parameter(n >= 1, "a matrix has rows");
    const std::int64_t wanted = divide_up(n, kPanels);
    width = std::min(divide_up(wanted, kWidthStep) * kWidthStep, kLargestWidth);
  }
  [[nodiscard]] std::int64_t first(std::int64_t panel) const { return panel * width; }
  [[nodiscard]] std::int64_t count() const { return divide_up(n, width); }
  [[nodiscard]] std::int64_t end(std::int64_t panel) const { return std::min(first(panel) + width, n); }
  [[nodiscard]] std::int64_t wide(std::int64_t panel) const { return end(panel) - first(panel); }
  // As many rows as the first `count` panels have columns.
  [[nodiscard]] Box rows_before(std::int64_t count) const { return Box(Shape{end(count - 1)}); }
  [[nodiscard]] std::int64_t piece_rows() const {
    return std::min(std::max<std::int64_t>(kPieceBytes / (width * kDouble), 64), n);
  }
  // A box of rows of a factored panel.
  [[nodiscard]] Box rows(std::int64_t panel, std::int64_t lo, std::int64_t hi) const {
    return {{lo, 0}, {hi, wide(panel)}};
  }
};

/// The memory in which some columns, whole, are worked on.
struct SolveMemory : expr::Workspace {
  SolveMemory(const ColumnPanels& panels, std::int64_t columns)
      : values(add(DType::float64, saturating_multiply(panels.n, columns))),
        exchanges(add<std::int64_t>(panels.n)),
        square(add(DType::float64, panels.width * panels.width)) {
    expr::Turns turns(*this);
    product = TileMemory(*this, DType::float64, {1, 1, 1, panels.piece_rows(), columns, panels.width});
    turns.next();
    packed = add<std::byte>(kernels::triangular_workspace_bytes(panels.n, columns));
  }

  expr::Elements values;
  expr::Region<std::int64_t> exchanges;  ///< of all panels
  expr::Elements square;                 ///< at the diagonal of a panel
  TileMemory product;
  expr::Region<std::byte> packed;
};

/// Some columns, whole, while they are worked on.
class Columns {
 public:
  Columns(const ColumnPanels& panels, std::int64_t columns, expr::OperatorContext& context)
      : panels_(panels), columns_(columns), context_(context), memory_(panels, columns) {}

  [[nodiscard]] MatrixView values() const { return dense(memory_.values.in(context_.memory()), columns_); }
  [[nodiscard]] StridedView rows(std::int64_t count) const {
    return memory_.values.view(context_.memory(), Shape{count, columns_});
  }
  [[nodiscard]] std::int64_t* exchanges(std::int64_t panel) const {
    return memory_.exchanges.in(context_.memory()).data() + panels_.first(panel);
  }
  // Those of the first `count` panels.
  [[nodiscard]] StridedView exchanges_before(std::int64_t count) const {
    return {reinterpret_cast<std::byte*>(exchanges(0)), DType::int64, panels_.rows_before(count).shape()};
  }
  [[nodiscard]] std::byte* packed() const { return memory_.packed.in(context_.memory()).data(); }

  void read_exchanges(int input, std::int64_t count) {
    context_.read(input, panels_.rows_before(count), exchanges_before(count));
  }

  // Multiplies by the inverse of a panel's part of L, rows exchanged.
  void solve_lower(int input, std::int64_t panel) {
    const std::int64_t first = panels_.first(panel);
    const std::int64_t wide = panels_.wide(panel);
    kernels::exchange_rows(values().from(first, 0), columns_, exchanges(panel), wide);
    std::byte* square = read(input, panels_.rows(panel, first, first + wide));
    kernels::solve_unit_lower(dense(square, wide), wide, values().from(first, 0), columns_, packed());
    subtract(input, panel, first + wide, panels_.n);
  }

  // Multiplies by the inverse of a panel's part of U.
  void solve_upper(int input, std::int64_t panel) {
    const std::int64_t first = panels_.first(panel);
    const std::int64_t wide = panels_.wide(panel);
    std::byte* square = read(input, panels_.rows(panel, first, first + wide));
    kernels::solve_upper(dense(square, wide), wide, values().from(first, 0), columns_);
    subtract(input, panel, 0, first);
  }

 private:
  [[nodiscard]] std::byte* read(int input, const Box& box) {
    const StridedView square = memory_.square.view(context_.memory(), box.shape());
    context_.read(input, box, square);
    return square.data;
  }

  // Takes rows of a panel times its rows of the columns off rows `lo` to `hi`.
  void subtract(int input, std::int64_t panel, std::int64_t lo, std::int64_t hi) {
    const std::int64_t wide = panels_.wide(panel);
    const std::byte* right = values().at(panels_.first(panel), 0);
    for (std::int64_t row = lo; row < hi; row += panels_.piece_rows()) {
      const Box piece = panels_.rows(panel, row, std::min(row + panels_.piece_rows(), hi));
      TileMemory memory = memory_.product;
      memory.extents = {1, 1, 1, piece.extent(0), columns_, wide};
      TileProduct product(memory, context_, [&](std::int64_t) {
        return BatchItem{0, 0, values().from(row, 0)};
      });
      product.subtract_from_result();
      context_.read(input, piece, StridedView(product.left_panel(), DType::float64, piece.shape()));
      std::memcpy(product.right_panel(), right, static_cast<std::size_t>(wide * columns_ * kDouble));
      product.add(wide);
    }
  }

  const ColumnPanels& panels_;
  std::int64_t columns_;
  expr::OperatorContext& context_;
  SolveMemory memory_;
};

/// Factors a panel, and lists exchanges beside it. Inputs are its columns, all panels before it, and the
/// exchanges of these.
class FactorPanel final : public expr::Described<FactorPanel> {
 public:
  static constexpr std::string_view kKind = "factor_panel";
  static constexpr expr::Reading kReading{.again = true, .in_turn = 1, .same_from = 0};
  static void fields(auto& op, auto& visit) {
    visit("matrix", op.panels_, "panel", op.panel_, "parts", op.parts_);
  }

  FactorPanel() = default;
  FactorPanel(const ColumnPanels& panels, std::int64_t panel, std::int64_t parts)
      : panels_(panels), panel_(panel), parts_(parts) {
    prepare();
  }
  void prepare() {
    const bool fits = panel_ >= 0 && panel_ < panels_.count() && parts_ >= 1;
    expr::require_parameter(fits, "a panel is one of the matrix");
    const Shape factors{panels_.n, panels_.wide(panel_)};
    const Shape exchanges{panels_.end(panel_)};
    outputs_ = {expr::aligned_output(ChunkGrid(factors, factors), DType::float64),
                {ChunkGrid(exchanges, exchanges), DType::int64, {-1}}};
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "solve"; }
  [[nodiscard]] std::vector<Box> demand(int input, const Box&) const override {
    if (input == 0) return {Box(Shape{panels_.n, panels_.wide(panel_)})};
    if (input > panel_) return {panels_.rows_before(panel_)};
    return {panels_.rows(input - 1, panels_.first(input - 1), panels_.n)};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape&, int) const override {
    return SolveMemory(panels_, panels_.wide(panel_));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::int64_t first = panels_.first(panel_);
    const std::int64_t wide = panels_.wide(panel_);
    Columns columns(panels_, wide, context);
    context.read(0, demand(0, box)[0], columns.rows(panels_.n));
    if (panel_ > 0) columns.read_exchanges(static_cast<int>(panel_) + 1, panel_);
    for (std::int64_t before = 0; before < panel_; ++before) {
      columns.solve_lower(static_cast<int>(before) + 1, before);
    }
    const MatrixView values = columns.values();
    const std::int64_t failed = kernels::lu_factor(values.from(first, 0), panels_.n - first, wide,
                                                   columns.exchanges(panel_), columns.packed());
    if (failed >= 0) {
      const std::int64_t column = (first + failed) / parts_;
      throw SingularMatrixError("solve: the matrix is singular: column " + std::to_string(column) +
                                    " depends on the columns before it",
                                column);
    }
    if (out.data != nullptr) kernels::copy(varve::as_const(columns.rows(panels_.n).sub(box)), out);
    const StridedView exchanges = context.output(1);
    if (exchanges.data != nullptr)
      kernels::copy(varve::as_const(columns.exchanges_before(panel_ + 1)), exchanges);
  }

 private:
  ColumnPanels panels_;
  std::int64_t panel_ = 0;
  std::int64_t parts_ = 1;
};

/// Solves by the factored panels: the first input is the right-hand side, all panels follow, and all
/// exchanges.
class SolvePanels final : public expr::Described<SolvePanels> {
 public:
  static constexpr std::string_view kKind = "solve_panels";
  static constexpr expr::Reading kReading{.again = true, .in_turn = 1, .same_from = 1};
  static void fields(auto& op, auto& visit) { visit("matrix", op.panels_); }

  SolvePanels() = default;
  explicit SolvePanels(const ColumnPanels& panels) : panels_(panels) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "solve"; }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    if (input == 0) return {{{0, box.lo[1]}, {panels_.n, box.hi[1]}}};
    if (input > panels_.count()) return {panels_.rows_before(panels_.count())};
    return {panels_.rows(input - 1, panels_.first(input - 1), panels_.n),
            panels_.rows(input - 1, 0, panels_.end(input - 1))};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override {
    return SolveMemory(panels_, box[1]);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    Columns columns(panels_, box.extent(1), context);
    context.read(0, demand(0, box)[0], columns.rows(panels_.n));
    columns.read_exchanges(static_cast<int>(panels_.count()) + 1, panels_.count());
    for (std::int64_t panel = 0; panel < panels_.count(); ++panel)
      columns.solve_lower(static_cast<int>(panel) + 1, panel);
    for (std::int64_t panel = panels_.count() - 1; panel >= 0; --panel) {
      columns.solve_upper(static_cast<int>(panel) + 1, panel);
    }
    const Box rows{{box.lo[0], 0}, {box.hi[0], box.extent(1)}};
    kernels::copy(varve::as_const(columns.rows(panels_.n).sub(rows)), out);
  }

 private:
  ColumnPanels panels_;
};

// Some columns of a matrix.
expr::NodePtr columns_of(const expr::NodePtr& a, std::int64_t first, std::int64_t count) {
  const Shape shape{a->shape[0], count};
  return expr::make_view(a, expr::IndexMap(shape, {{0, 0, 1, nullptr}, {1, first, 1, nullptr}}));
}

}  // namespace

extern const expr::OperatorRow factor_panel_row = FactorPanel::row();
extern const expr::OperatorRow solve_panels_row = SolvePanels::row();

expr::NodePtr solve(const expr::NodePtr& a, const expr::NodePtr& b, std::int64_t parts) {
  const ColumnPanels panels(a->shape[0]);
  const std::int64_t cell_rows = std::max(kCellBytes / (panels.width * kDouble), kWidthStep);
  std::vector<expr::NodePtr> factored;
  expr::NodePtr exchanges;
  const auto after = [&](const expr::NodePtr& first) {
    std::vector<expr::NodePtr> inputs = {first};
    inputs.insert(inputs.end(), factored.begin(), factored.end());
    if (exchanges) inputs.push_back(exchanges);
    return inputs;
  };
  for (std::int64_t panel = 0; panels.first(panel) < panels.n; ++panel) {
    const std::vector<expr::NodePtr> made =
        expr::make_outputs(after(columns_of(a, panels.first(panel), panels.wide(panel))),
                           std::make_shared<FactorPanel>(panels, panel, parts));
    // Made whole, read in parts.
    const Shape shape{panels.n, panels.wide(panel)};
    factored.push_back(
        expr::with_grid(expr::make_materialised(made[0]), ChunkGrid(shape, Shape{cell_rows, shape[1]})));
    exchanges = expr::make_materialised(made[1]);
  }
  const std::int64_t together = std::max<std::int64_t>(kRightBytes / (panels.n * kDouble), 1);
  return expr::make_operation(ChunkGrid(b->shape, Shape{panels.n, std::min(together, b->shape[1])}),
                              DType::float64, after(b), std::make_shared<SolvePanels>(panels));
}

}  // namespace varve::ops
