#include <algorithm>

#include "expr/fields.hpp"
#include "kernels/copy.hpp"
#include "ops/factor/equations.hpp"
#include "ops/factor/subtract_products.hpp"
#include "ops/factor/tall_blocks.hpp"
#include "ops/gather/concat.hpp"
#include "varve/core/error.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

// Smaller matrices are one panel, larger ones at most so many.
constexpr std::int64_t kMinWidth = 256;
constexpr std::int64_t kPanels = 32;
constexpr std::int64_t kBlockBytes = 512 << 10;

// A rectangle of a matrix.
expr::NodePtr part(const expr::NodePtr& x, std::int64_t row, std::int64_t rows, std::int64_t column,
                   std::int64_t columns) {
  return expr::make_view(
      x, expr::IndexMap(Shape{rows, columns}, {{0, row, 1, nullptr}, {1, column, 1, nullptr}}));
}

expr::NodePtr transposed(const expr::NodePtr& x) {
  return expr::make_view(
      x, expr::IndexMap(Shape{x->shape[1], x->shape[0]}, {{1, 0, 1, nullptr}, {0, 0, 1, nullptr}}));
}

BlockInput whole(std::int64_t rows, std::int64_t columns) {
  const Shape shape{rows, columns};
  return {ChunkGrid(shape, shape), {-1, -1}};
}

/// Factors the square at the head of a panel.
struct CholeskyHead {
  static constexpr std::string_view kKind = "cholesky_head";
  std::int64_t n = 0;
  std::int64_t first = 0;  ///< its first row in the whole matrix
  std::int64_t parts = 1;  ///< rows that count as one

  static void fields(auto& step, auto& visit) {
    visit("n", step.n, "first", step.first, "parts", step.parts);
  }
  [[nodiscard]] BlockGrids grids() const {
    require_matrix(n, n);
    expr::require_parameter(first >= 0 && parts >= 1, "a panel is a part of a matrix");
    return {
        "cholesky", whole(n, n).grid, {whole(n, n)}, one_region(kernels::triangular_workspace_bytes(n, n))};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const MatrixView a = matrix_of(inputs[0]);
    const std::int64_t failed = kernels::cholesky_factor(a, n, place.workspace.data());
    if (failed >= 0) {
      const std::int64_t position = (first + failed) / parts;
      throw SingularMatrixError("cholesky: the matrix is not positive definite: the leading " +
                                    std::to_string(position + 1) + " rows and columns are not",
                                position);
    }
    kernels::copy_matrix(a, n, n, matrix_of(out));
  }
};

/// Makes the rows below the head: each times the inverse of the head, transposed.
struct CholeskyRows {
  static constexpr std::string_view kKind = "cholesky_rows";
  std::int64_t rows = 0;
  std::int64_t n = 0;

  static void fields(auto& step, auto& visit) { visit("rows", step.rows, "n", step.n); }
  [[nodiscard]] BlockGrids grids() const {
    require_matrix(rows, n);
    require_matrix(n, n);
    const std::int64_t wanted = kBlockBytes / (n * size_bytes(DType::float64));
    const ChunkGrid grid(Shape{rows, n}, Shape{std::max(wanted, kMinWidth), n});
    return {"cholesky",
            grid,
            {{grid, {0, -1}}, whole(n, n)},
            one_region(kernels::triangular_workspace_bytes(grid.chunks()[0], n))};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const MatrixView b = matrix_of(inputs[0]);
    const std::int64_t count = inputs[0].shape[0];
    kernels::solve_transposed_lower(matrix_of(inputs[1]), n, b, count, place.workspace.data());
    kernels::copy_matrix(b, count, n, matrix_of(out));
  }
};

/// Puts panels, each from its diagonal down, beside each other, and zeros above them.
class JoinPanels final : public expr::Described<JoinPanels> {
 public:
  static constexpr std::string_view kKind = "join_panels";
  static constexpr expr::Reading kReading{.in_turn = 1};
  static void fields(auto& op, auto& visit) { visit("width", op.width_); }

  JoinPanels() = default;
  explicit JoinPanels(std::int64_t width) : width_(width) {}
  void prepare() const { expr::require_parameter(width_ >= 1, "panels have columns"); }

  [[nodiscard]] std::string_view name() const noexcept override { return "cholesky"; }

  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    const Box part = below_diagonal(input, box);
    if (part.empty()) return {};
    const std::int64_t first = input * width_;
    return {Box{{part.lo[0] - first, part.lo[1] - first}, {part.hi[0] - first, part.hi[1] - first}}};
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::byte zero[sizeof(double)] = {};
    kernels::fill(zero, out);
    for (std::int64_t panel = box.lo[1] / width_; panel * width_ < box.hi[1]; ++panel) {
      const int input = static_cast<int>(panel);
      for (const Box& needed : demand(input, box)) {
        context.read(input, needed, out.sub(relative_to(below_diagonal(input, box), box.lo)));
      }
    }
  }

 private:
  [[nodiscard]] Box below_diagonal(int panel, Box box) const {
    box.lo[0] = std::max(box.lo[0], panel * width_);
    box.lo[1] = std::max(box.lo[1], panel * width_);
    box.hi[1] = std::min(box.hi[1], (panel + 1) * width_);
    return box;
  }

  std::int64_t width_ = 1;
};

// The natural chunk where it is neither too narrow nor too wide.
std::int64_t panel_width(const expr::Node& a) {
  const std::int64_t least = std::max(kMinWidth, divide_up(a.shape[0], kPanels));
  const std::int64_t chunk = a.grid.chunks()[1];
  return chunk >= least && chunk <= 2 * least ? chunk : least;
}

}  // namespace

extern const expr::OperatorRow cholesky_head_row = BlockStep<CholeskyHead>::row();
extern const expr::OperatorRow cholesky_rows_row = BlockStep<CholeskyRows>::row();
extern const expr::OperatorRow join_panels_row = JoinPanels::row();

expr::NodePtr cholesky(const expr::NodePtr& a, std::int64_t parts) {
  const std::int64_t n = a->shape[0];
  const std::int64_t width = panel_width(*a);
  std::vector<expr::NodePtr> panels;  // from their diagonal down
  for (std::int64_t first = 0; first < n; first += width) {
    const std::int64_t wide = std::min(width, n - first);
    std::vector<std::pair<expr::NodePtr, expr::NodePtr>> products;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      const std::int64_t above = first - static_cast<std::int64_t>(i) * width;
      products.emplace_back(part(panels[i], above, n - first, 0, width),
                            transposed(part(panels[i], above, wide, 0, width)));
    }
    expr::NodePtr rest = subtract_products(part(a, first, n - first, first, wide), products);
    if (!products.empty()) rest = expr::make_materialised(rest);
    const expr::NodePtr head =
        expr::make_materialised(blocks(CholeskyHead{wide, first, parts}, {part(rest, 0, wide, 0, wide)}));
    expr::NodePtr panel = head;
    if (first + wide < n) {
      const std::int64_t rows = n - first - wide;
      const expr::NodePtr below = blocks(CholeskyRows{rows, wide}, {part(rest, wide, rows, 0, wide), head});
      panel = expr::make_materialised(concat({head, below}, 0));
    }
    panels.push_back(panel);
  }
  if (panels.size() == 1) return panels[0];
  const ChunkGrid grid(a->shape, Shape{std::min(n, 4 * width), width});
  return expr::make_operation(grid, DType::float64, std::move(panels), std::make_shared<JoinPanels>(width));
}

}  // namespace varve::ops
