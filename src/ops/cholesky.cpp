#include <algorithm>

#include "kernels/copy.hpp"
#include "kernels/factor.hpp"
#include "ops/blocks.hpp"
#include "ops/equations.hpp"
#include "ops/gather.hpp"
#include "ops/operators.hpp"
#include "ops/subtract_products.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

// Smaller matrices are one panel, larger ones at most so many.
constexpr std::int64_t kLeastWidth = 256;
constexpr std::int64_t kPanels = 32;
constexpr std::int64_t kBlockBytes = 512 << 10;

MatrixView matrix_of(const StridedView& view) {
  return {view.data, view.byte_strides[view.ndim() - 2], view.byte_strides[view.ndim() - 1]};
}

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

// The square at the head of a panel, whose first row is row `first` of the whole matrix.
expr::NodePtr factor_head(const expr::NodePtr& head, std::int64_t first, std::int64_t parts) {
  const std::int64_t n = head->shape[0];
  BlockTask task{
      "cholesky", {}, kernels::triangular_workspace_bytes(n, n), static_cast<std::uint64_t>(first)};
  task.function = [n, first, parts](std::span<const StridedView> inputs, const StridedView& out,
                                    const BlockPlace& place) {
    const MatrixView a = matrix_of(inputs[0]);
    const std::int64_t failed = kernels::cholesky_factor(a, n, place.workspace.data());
    if (failed >= 0) {
      const std::int64_t position = (first + failed) / parts;
      throw SingularMatrixError("cholesky: the matrix is not positive definite: the leading " +
                                    std::to_string(position + 1) + " rows and columns are not",
                                position);
    }
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        *reinterpret_cast<double*>(matrix_of(out).at(i, j)) = *reinterpret_cast<const double*>(a.at(i, j));
      }
    }
  };
  const ChunkGrid whole(head->shape, head->shape);
  return expr::make_stored(
      blocks(whole, DType::float64, {head}, loop_geometry(ChunkGrid(), {head->shape}, {2}), task));
}

// The rows below: each times the inverse of the head, transposed.
expr::NodePtr divide_rows(const expr::NodePtr& below, const expr::NodePtr& head) {
  const std::int64_t n = head->shape[0];
  const std::int64_t rows =
      std::max<std::int64_t>(kBlockBytes / (n * size_bytes(DType::float64)), kLeastWidth);
  const ChunkGrid grid(below->shape, Shape{rows, n});
  BlockTask task{"cholesky", {}, kernels::triangular_workspace_bytes(grid.chunks()[0], n), 0};
  task.function = [n](std::span<const StridedView> inputs, const StridedView& out, const BlockPlace& place) {
    const MatrixView b = matrix_of(inputs[0]);
    const std::int64_t count = inputs[0].shape[0];
    kernels::solve_transposed_lower(matrix_of(inputs[1]), n, b, count, place.workspace.data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        *reinterpret_cast<double*>(matrix_of(out).at(i, j)) = *reinterpret_cast<const double*>(b.at(i, j));
      }
    }
  };
  const ChunkGrid cells(Shape{below->shape[0]}, Shape{grid.chunks()[0]});
  return blocks(grid, DType::float64, {below, head},
                loop_geometry(cells, {below->shape, head->shape}, {1, 2}), task);
}

/// Puts panels, each from its diagonal down, beside each other, and zeros above them.
class JoinPanels final : public expr::Described<JoinPanels> {
 public:
  static constexpr std::string_view kKind = "join_panels";
  static void fields(auto& op, auto& visit) { visit("width", op.width_); }

  JoinPanels() = default;
  explicit JoinPanels(std::int64_t width) : width_(width) {}
  void prepare() const { expr::require_parameter(width_ >= 1, "panels have columns"); }

  [[nodiscard]] std::string_view name() const noexcept override { return "cholesky"; }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape&, int) const override { return 0; }
  [[nodiscard]] int inputs_in_turn() const noexcept override { return 1; }

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
  const std::int64_t least = std::max(kLeastWidth, (a.shape[0] + kPanels - 1) / kPanels);
  const std::int64_t chunk = a.grid.chunks()[1];
  return chunk >= least && chunk <= 2 * least ? chunk : least;
}

}  // namespace

const expr::OperatorRow join_panels_row = JoinPanels::row();

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
    if (!products.empty()) rest = expr::make_stored(rest);
    const expr::NodePtr head = factor_head(part(rest, 0, wide, 0, wide), first, parts);
    expr::NodePtr panel = head;
    if (first + wide < n) {
      const expr::NodePtr below = divide_rows(part(rest, wide, n - first - wide, 0, wide), head);
      panel = expr::make_stored(concat({head, below}, 0));
    }
    panels.push_back(panel);
  }
  if (panels.size() == 1) return panels[0];
  const ChunkGrid grid(a->shape, Shape{std::min(n, 4 * width), width});
  return expr::make_operation(grid, DType::float64, std::move(panels), std::make_shared<JoinPanels>(width));
}

}  // namespace varve::ops
