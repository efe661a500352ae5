#include <algorithm>
#include <cmath>

#include "expr/fields.hpp"
#include "ops/factor/tall_blocks.hpp"
#include "ops/factor/tall_qr.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

constexpr std::int64_t kDouble = sizeof(double);
// Right-hand sides that are worked on together, unless the matrix has more columns: reading the matrix again
// for each panel of them then adds at most as much as they are.
constexpr std::int64_t kPanelColumns = 512;

/// What the steps have in common: a (m, n) beside a panel of b (m, k).
struct RightPanels {
  std::int64_t n = 0;
  std::int64_t k = 0;

  static void fields(auto& panels, auto& visit) { visit("n", panels.n, "k", panels.k); }
  void check() const {
    expr::require_parameter(n >= 1 && k >= 1, "matrices have columns");
    require_matrix((kFanIn + 1) * n, columns());
  }
  /// Columns of a panel; the last may be narrower.
  [[nodiscard]] std::int64_t width() const {
    const std::int64_t wanted = (k - 1) / std::max(n, kPanelColumns) + 1;
    return (k - 1) / wanted + 1;
  }
  [[nodiscard]] std::int64_t count() const { return (k - 1) / width() + 1; }
  /// Columns of a block: of a, and of a panel.
  [[nodiscard]] std::int64_t columns() const { return n + width(); }
  [[nodiscard]] kernels::QrBlock block(std::int64_t rows) const {
    return {rows, columns(), piece_rows(n), n};
  }
  /// So many triangles, each beside its part of a panel, taken `together`.
  [[nodiscard]] ChunkGrid triangles(std::int64_t of_panel, std::int64_t together) const {
    return {Shape{of_panel, count(), n, columns()}, Shape{together, 1, n, columns()}};
  }
};

/// Makes the triangle of each block of rows, and beside it Q transposed times the panel.
struct LstsqTriangles {
  static constexpr std::string_view kKind = "lstsq_triangles";
  TallBlocks a;
  std::int64_t k = 0;  ///< columns of b

  static void fields(auto& step, auto& visit) { visit("a", step.a, "k", step.k); }
  [[nodiscard]] RightPanels panels() const { return {a.columns, k}; }
  struct Memory : expr::Workspace {
    explicit Memory(const LstsqTriangles& step)
        : matrix(add<double>(step.a.height * step.panels().columns())),
          qr(add<std::byte>(kernels::qr_workspace_bytes(step.panels().block(step.a.height), false))) {}
    expr::Region<double> matrix;
    expr::Region<std::byte> qr;
  };
  [[nodiscard]] BlockGrids grids() const {
    a.check();
    panels().check();
    require_matrix(a.height, panels().columns());
    return {"lstsq",
            panels().triangles(a.count(), 1),
            {a.input(), {ChunkGrid(Shape{a.rows, k}, Shape{a.height, panels().width()}), {0, 1}}},
            Memory(*this)};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const std::int64_t n = a.columns;
    const std::int64_t count = inputs[0].shape[0];
    const std::int64_t right = inputs[1].shape[1];
    const Memory memory(*this);
    double* const dense = memory.matrix.in(place.memory()).data();
    const MatrixView matrix{reinterpret_cast<std::byte*>(dense), panels().columns() * kDouble, kDouble};
    kernels::copy_matrix(matrix_of(inputs[0]), count, n, matrix);
    kernels::copy_matrix(matrix_of(inputs[1]), count, right, matrix.from(0, n));
    kernels::fill_zero(matrix.from(0, n + right), count, panels().width() - right);
    kernels::qr_triangle(panels().block(count), dense, matrix_of(out), memory.qr.in(place.memory()).data());
  }
};

/// Factors groups of triangles of one panel.
struct LstsqLevel {
  static constexpr std::string_view kKind = "lstsq_level";
  std::int64_t count = 0;  ///< of triangles
  RightPanels panels;

  static void fields(auto& step, auto& visit) { visit("count", step.count, "panels", step.panels); }
  [[nodiscard]] BlockGrids grids() const {
    panels.check();
    expr::require_parameter(count >= 1, "there are triangles");
    return {"lstsq",
            panels.triangles((count - 1) / kFanIn + 1, 1),
            {{panels.triangles(count, kFanIn), {0, 1, -1, -1}}},
            one_region(kernels::qr_workspace_bytes(panels.block(kFanIn * panels.n), false))};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    kernels::qr_triangle(panels.block(inputs[0].shape[0] * panels.n), elements(inputs[0]), matrix_of(out),
                         place.workspace.data());
  }
};

void require_independent(const MatrixView& r, std::int64_t n, std::int64_t rows) {
  const auto pivot = [&](std::int64_t i) { return *reinterpret_cast<const double*>(r.at(i, i)); };
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(pivot(i)));
  for (std::int64_t i = 0; i < n; ++i) {
    if (std::abs(pivot(i)) > largest * 2.2e-16 * static_cast<double>(std::max(rows, n))) continue;
    if (std::isnan(pivot(i))) continue;
    throw SingularMatrixError(
        "lstsq: column " + std::to_string(i) +
            " depends on the columns before it; leave it out, or add rows that tell it from them",
        i);
  }
}

/// Solves by the one triangle that is left of each panel.
struct LstsqSolution {
  static constexpr std::string_view kKind = "lstsq_solution";
  std::int64_t rows = 0;  ///< of a
  RightPanels panels;

  static void fields(auto& step, auto& visit) { visit("rows", step.rows, "panels", step.panels); }
  [[nodiscard]] BlockGrids grids() const {
    panels.check();
    return {"lstsq",
            ChunkGrid(Shape{panels.n, panels.k}, Shape{panels.n, panels.width()}),
            {{panels.triangles(1, 1), {-1, 1, -1, -1}}}};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out, const BlockPlace&) const {
    const MatrixView r = matrix_of(inputs[0]);
    require_independent(r, panels.n, rows);
    kernels::copy_matrix(r.from(0, panels.n), panels.n, out.shape[1], matrix_of(out));
    kernels::solve_upper(r, panels.n, matrix_of(out), out.shape[1]);
  }
};

}  // namespace

extern const expr::OperatorRow lstsq_level_row = BlockStep<LstsqLevel>::row();
extern const expr::OperatorRow lstsq_solution_row = BlockStep<LstsqSolution>::row();
extern const expr::OperatorRow lstsq_triangles_row = BlockStep<LstsqTriangles>::row();

expr::NodePtr least_squares(const expr::NodePtr& a, const expr::NodePtr& b) {
  const RightPanels panels{a->shape[1], b->shape[1]};
  const TallBlocks rows{a->shape[0], panels.n, block_rows(*a, panels.columns())};
  expr::NodePtr triangles =
      in_chunks(blocks(LstsqTriangles{rows, panels.k}, {a, b}),
                Shape{blocks_per_chunk(*a, rows.height), 1, panels.n, panels.columns()});
  while (triangles->shape[0] > 1)
    triangles = expr::make_materialised(blocks(LstsqLevel{triangles->shape[0], panels}, {triangles}));
  return blocks(LstsqSolution{a->shape[0], panels}, {triangles});
}

}  // namespace varve::ops
