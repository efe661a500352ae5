#include <algorithm>
#include <cmath>

#include "ops/blocks.hpp"
#include "ops/tall_blocks.hpp"
#include "ops/tall_qr.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

constexpr std::int64_t kDouble = sizeof(double);
// Right-hand sides that are worked on together, unless the matrix has more columns: reading the matrix again
// for each panel of them then adds at most as much as they are.
constexpr std::int64_t kPanelColumns = 512;

/// What the steps have in common: a (m, n) beside a panel of b (m, k).
struct Panels {
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t width = 0;  ///< of a panel; the last may be narrower
  std::int64_t count = 0;

  Panels(std::int64_t columns, std::int64_t right) : n(columns), k(right) {
    count = (k - 1) / std::max(n, kPanelColumns) + 1;
    width = (k - 1) / count + 1;
    count = (k - 1) / width + 1;
  }
  /// Columns of a block: of a, and of a panel.
  [[nodiscard]] std::int64_t columns() const { return n + width; }
  [[nodiscard]] std::int64_t end(std::int64_t panel) const { return std::min((panel + 1) * width, k); }
  [[nodiscard]] kernels::QrBlock block(std::int64_t rows) const {
    return {rows, columns(), piece_rows(n), n};
  }
};

/// A block of rows of the matrix, and of a panel.
class RowsGeometry final : public BlockGeometry {
 public:
  RowsGeometry(ChunkGrid rows, const Panels& panels) : rows_(std::move(rows)), panels_(panels) {}
  [[nodiscard]] Box input_box(int input, const ChunkIndex& block) const override {
    const Box rows = rows_.box_of(ChunkIndex{block[0]});
    if (input == 0) return {{rows.lo[0], 0}, {rows.hi[0], panels_.n}};
    return {{rows.lo[0], block[1] * panels_.width}, {rows.hi[0], panels_.end(block[1])}};
  }
  [[nodiscard]] Shape largest_input(int input) const override {
    return {rows_.chunks()[0], input == 0 ? panels_.n : panels_.width};
  }

 private:
  ChunkGrid rows_;
  Panels panels_;
};

/// Groups of triangles of one panel.
class GroupGeometry final : public BlockGeometry {
 public:
  GroupGeometry(std::int64_t triangles, std::int64_t together, const Panels& panels)
      : triangles_(triangles), together_(together), panels_(panels) {}
  [[nodiscard]] Box input_box(int, const ChunkIndex& block) const override {
    const std::int64_t first = together_ == 1 ? 0 : block[0] * together_;
    const std::int64_t last = std::min(first + together_, triangles_);
    return {{first, block[1], 0, 0}, {last, block[1] + 1, panels_.n, panels_.columns()}};
  }
  [[nodiscard]] Shape largest_input(int) const override {
    return {std::min(together_, triangles_), 1, panels_.n, panels_.columns()};
  }

 private:
  std::int64_t triangles_;
  std::int64_t together_;
  Panels panels_;
};

ChunkGrid triangle_grid(const Panels& panels, std::int64_t count) {
  return {Shape{count, panels.count, panels.n, panels.columns()}, Shape{1, 1, panels.n, panels.columns()}};
}

MatrixView rows_at(std::byte* data, std::int64_t columns) { return {data, columns * kDouble, kDouble}; }

// The triangle of each block of rows, and beside it Q transposed times the panel.
expr::NodePtr triangles_of_blocks(const expr::NodePtr& a, const expr::NodePtr& b, const ChunkGrid& rows,
                                  const Panels& panels) {
  const std::int64_t height = rows.chunks()[0];
  const std::int64_t matrix_bytes = (height * panels.columns() * kDouble + 63) / 64 * 64;
  BlockTask task{"lstsq",
                 {},
                 matrix_bytes + kernels::qr_workspace_bytes(panels.block(height), false),
                 static_cast<std::uint64_t>(height)};
  task.function = [panels, matrix_bytes](std::span<const StridedView> inputs, const StridedView& out,
                                         const BlockPlace& place) {
    const std::int64_t count = inputs[0].shape[0];
    const std::int64_t right = inputs[1].shape[1];
    const MatrixView matrix = rows_at(place.workspace.data(), panels.columns());
    copy_matrix(matrix_of(inputs[0]), count, panels.n, matrix);
    copy_matrix(matrix_of(inputs[1]), count, right, matrix.from(0, panels.n));
    fill_zero(matrix.from(0, panels.n + right), count, panels.width - right);
    kernels::qr_triangle(panels.block(count), &element(matrix, 0, 0), matrix_of(out),
                         place.workspace.data() + matrix_bytes);
  };
  const expr::NodePtr result = blocks(triangle_grid(panels, rows.count(0)), DType::float64, {a, b},
                                      std::make_shared<RowsGeometry>(rows, panels), std::move(task));
  return in_chunks(result, Shape{blocks_per_chunk(*a, height), 1, panels.n, panels.columns()});
}

expr::NodePtr next_level(const expr::NodePtr& triangles, const Panels& panels) {
  const std::int64_t count = triangles->shape[0];
  BlockTask task{"lstsq", {}, kernels::qr_workspace_bytes(panels.block(kFanIn * panels.n), false), 0};
  task.function = [panels](std::span<const StridedView> inputs, const StridedView& out,
                           const BlockPlace& place) {
    kernels::qr_triangle(panels.block(inputs[0].shape[0] * panels.n), elements(inputs[0]), matrix_of(out),
                         place.workspace.data());
  };
  return expr::make_stored(blocks(triangle_grid(panels, (count - 1) / kFanIn + 1), DType::float64,
                                  {triangles}, std::make_shared<GroupGeometry>(count, kFanIn, panels),
                                  std::move(task)));
}

void require_independent(const MatrixView& r, std::int64_t n, std::int64_t rows) {
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(element(r, i, i)));
  for (std::int64_t i = 0; i < n; ++i) {
    if (std::abs(element(r, i, i)) > largest * 2.2e-16 * static_cast<double>(std::max(rows, n))) continue;
    if (std::isnan(element(r, i, i))) continue;
    throw SingularMatrixError(
        "lstsq: column " + std::to_string(i) +
            " depends on the columns before it; leave it out, or add rows that tell it from them",
        i);
  }
}

}  // namespace

expr::NodePtr least_squares(const expr::NodePtr& a, const expr::NodePtr& b) {
  const Panels panels(a->shape[1], b->shape[1]);
  const ChunkGrid rows(Shape{a->shape[0]}, Shape{block_rows(*a, panels.columns())});
  expr::NodePtr triangles = triangles_of_blocks(a, b, rows, panels);
  while (triangles->shape[0] > 1) triangles = next_level(triangles, panels);
  BlockTask task{"lstsq", {}, 0, static_cast<std::uint64_t>(a->shape[0])};
  task.function = [panels, m = a->shape[0]](std::span<const StridedView> inputs, const StridedView& out,
                                            const BlockPlace&) {
    const MatrixView r = matrix_of(inputs[0]);
    require_independent(r, panels.n, m);
    copy_matrix(r.from(0, panels.n), panels.n, out.shape[1], matrix_of(out));
    kernels::solve_upper(r, panels.n, matrix_of(out), out.shape[1]);
  };
  const ChunkGrid result(Shape{panels.n, panels.k}, Shape{panels.n, panels.width});
  return blocks(result, DType::float64, {triangles}, std::make_shared<GroupGeometry>(1, 1, panels),
                std::move(task));
}

}  // namespace varve::ops
