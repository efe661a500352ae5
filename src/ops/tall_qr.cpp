#include "ops/tall_qr.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/factor.hpp"
#include "ops/blocks.hpp"
#include "ops/build.hpp"
#include "ops/tall_blocks.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

// A matrix that is the only block gets the signs of one piece.
kernels::QrBlock block_of(std::int64_t rows, std::int64_t n, bool is_single) {
  return {rows, n, is_single ? rows : piece_rows(n)};
}

// What tells the steps of a factorisation from each other, where their results have one shape.
enum class Step : std::uint8_t { triangle, level, factor, orthogonal, signs };

BlockTask task_of(Step step, std::int64_t block_rows, std::int64_t workspace_bytes) {
  const auto identity =
      expr::mix_hash(static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(block_rows));
  return {"qr", {}, workspace_bytes, identity};
}

/// Builds the nodes of one factorisation.
class TallTree {
 public:
  explicit TallTree(const expr::NodePtr& a)
      : a_(a), n_(a->shape[1]), rows_(ChunkGrid(Shape{a->shape[0]}, Shape{block_rows(*a, a->shape[1])})) {
    counts_.push_back(rows_.count(0));
    triangles_ = triangles_of_blocks();
    while (counts_.back() > 1) add_level();
  }

  // (1, n, n) as (n, n).
  [[nodiscard]] expr::NodePtr triangle() const {
    return expr::make_view(
        triangles_,
        expr::IndexMap(Shape{n_, n_}, {{-1, 0, 0, nullptr}, {0, 0, 1, nullptr}, {1, 0, 1, nullptr}}));
  }
  [[nodiscard]] bool is_single() const { return rows_.count(0) == 1; }

  // The matrix that belongs to each block, by which its part of Q is multiplied; null for a single block.
  [[nodiscard]] expr::NodePtr factors() const;
  // Q, given the factors of the blocks.
  [[nodiscard]] expr::NodePtr orthogonal(const expr::NodePtr& factors) const;

 private:
  [[nodiscard]] std::int64_t workspace_bytes(bool with_q) const {
    return kernels::qr_workspace_bytes(block_of(rows_.chunks()[0], n_, is_single()), with_q);
  }
  [[nodiscard]] ChunkGrid triangle_grid(std::int64_t count) const {
    return {Shape{count, n_, n_}, Shape{1, n_, n_}};
  }

  expr::NodePtr triangles_of_blocks() {
    BlockTask task = task_of(Step::triangle, rows_.chunks()[0], workspace_bytes(false));
    task.function = [n = n_, is_single = is_single()](std::span<const StridedView> inputs,
                                                      const StridedView& out, const BlockPlace& place) {
      kernels::qr_triangle(block_of(inputs[0].shape[0], n, is_single), elements(inputs[0]), matrix_of(out),
                           place.workspace.data());
    };
    const expr::NodePtr result =
        blocks(triangle_grid(counts_[0]), DType::float64, {a_}, loop_geometry(rows_, {a_->shape}, {1}), task);
    const std::int64_t together = blocks_per_chunk(*a_, rows_.chunks()[0]);
    return in_chunks(result, Shape{together, n_, n_});
  }

  // Factors groups of triangles: each gives its own triangle, and below it Q. Held, because both are used.
  void add_level() {
    const ChunkGrid cells(Shape{counts_.back()}, Shape{kFanIn});
    const std::int64_t count = cells.count(0);
    const std::int64_t height = (kFanIn + 1) * n_;
    BlockTask task = task_of(Step::level, rows_.chunks()[0],
                             kernels::qr_workspace_bytes(block_of(kFanIn * n_, n_, false), true));
    task.function = [n = n_](std::span<const StridedView> inputs, const StridedView& out,
                             const BlockPlace& place) {
      const std::int64_t rows = inputs[0].shape[0] * n;
      const MatrixView result = matrix_of(out);
      const MatrixView q = result.from(n, 0);
      kernels::qr_factors(block_of(rows, n, false), elements(inputs[0]), {}, result, q,
                          place.workspace.data());
      fill_zero(q.from(rows, 0), kFanIn * n - rows, n);
    };
    const expr::NodePtr level =
        expr::make_stored(blocks(ChunkGrid(Shape{count, height, n_}, Shape{1, height, n_}), DType::float64,
                                 {triangles_}, loop_geometry(cells, {triangles_->shape}, {2}), task));
    levels_.push_back(level);
    counts_.push_back(count);
    triangles_ = expr::make_view(level, expr::IndexMap::identity(Shape{count, n_, n_}));
  }

  expr::NodePtr a_;
  std::int64_t n_;
  ChunkGrid rows_;
  std::vector<std::int64_t> counts_;   ///< triangles before each level, and after the last
  std::vector<expr::NodePtr> levels_;  ///< (groups, triangle and Q, n)
  expr::NodePtr triangles_;
};

/// Triangle i of a level is multiplied by its part of Q of the level, and that by the product for its group.
class TreeGeometry final : public BlockGeometry {
 public:
  explicit TreeGeometry(std::int64_t n) : n_(n) {}
  [[nodiscard]] Box input_box(int input, const ChunkIndex& block) const override {
    const std::int64_t group = block[0] / kFanIn;
    const std::int64_t first = input == 0 ? (1 + block[0] % kFanIn) * n_ : 0;
    return {{group, first, 0}, {group + 1, first + n_, n_}};
  }
  [[nodiscard]] Shape largest_input(int) const override { return {1, n_, n_}; }

 private:
  std::int64_t n_;
};

/// A block of rows, and the factor that belongs to it.
class RowsGeometry final : public BlockGeometry {
 public:
  RowsGeometry(ChunkGrid rows, std::int64_t n) : rows_(std::move(rows)), n_(n) {}
  [[nodiscard]] Box input_box(int input, const ChunkIndex& block) const override {
    if (input == 1) return {{block[0], 0, 0}, {block[0] + 1, n_, n_}};
    const Box rows = rows_.box_of(ChunkIndex{block[0]});
    return {{rows.lo[0], 0}, {rows.hi[0], n_}};
  }
  [[nodiscard]] Shape largest_input(int input) const override {
    return input == 1 ? Shape{1, n_, n_} : Shape{rows_.chunks()[0], n_};
  }

 private:
  ChunkGrid rows_;
  std::int64_t n_;
};

expr::NodePtr TallTree::factors() const {
  expr::NodePtr factors;
  for (std::size_t level = levels_.size(); level-- > 0;) {
    BlockTask task = task_of(Step::factor, rows_.chunks()[0], kernels::triangular_workspace_bytes(n_, n_));
    task.function = [n = n_](std::span<const StridedView> inputs, const StridedView& out,
                             const BlockPlace& place) {
      if (inputs.size() == 1) return copy_matrix(matrix_of(inputs[0]), n, n, matrix_of(out));
      kernels::multiply(
          DType::float64,
          {matrix_of(inputs[0]), matrix_of(inputs[1]), n, n, n, matrix_of(out), kernels::Into::replace},
          place.workspace.data());
    };
    std::vector<expr::NodePtr> inputs = {levels_[level]};
    if (factors) inputs.push_back(factors);
    factors = blocks(triangle_grid(counts_[level]), DType::float64, std::move(inputs),
                     std::make_shared<TreeGeometry>(n_), task);
    // Each is used by all triangles of its group.
    if (level > 0) factors = expr::make_stored(factors);
  }
  return factors;
}

expr::NodePtr TallTree::orthogonal(const expr::NodePtr& factors) const {
  BlockTask task = task_of(Step::orthogonal, rows_.chunks()[0], workspace_bytes(true));
  task.function = [n = n_, is_single = is_single()](std::span<const StridedView> inputs,
                                                    const StridedView& out, const BlockPlace& place) {
    const MatrixView factor = inputs.size() == 2 ? matrix_of(inputs[1]) : MatrixView{};
    kernels::qr_factors(block_of(inputs[0].shape[0], n, is_single), elements(inputs[0]), factor, {},
                        matrix_of(out), place.workspace.data());
  };
  std::vector<expr::NodePtr> inputs = {a_};
  if (factors) inputs.push_back(factors);
  const std::int64_t rows = rows_.chunks()[0];
  const expr::NodePtr result = blocks(ChunkGrid(a_->shape, Shape{rows, n_}), DType::float64,
                                      std::move(inputs), std::make_shared<RowsGeometry>(rows_, n_), task);
  return in_chunks(result, Shape{rows * blocks_per_chunk(*a_, rows), n_});
}

// The signs that Householder's reflectors would have given the columns of Q (Ballard et al., "Reconstructing
// Householder vectors from TSQR", 2015): by elimination of its first n rows, where each pivot is moved away
// from zero by one.
expr::NodePtr signs_of(const expr::NodePtr& q) {
  const std::int64_t n = q->shape[1];
  const bool is_square = q->shape[0] == n;
  const expr::NodePtr top = expr::make_view(q, expr::IndexMap::identity(Shape{n, n}));
  BlockTask task = task_of(Step::signs, 0, 0);
  task.function = [n, is_square](std::span<const StridedView> inputs, const StridedView& out,
                                 const BlockPlace&) {
    const MatrixView a = matrix_of(inputs[0]);
    for (std::int64_t j = 0; j < n; ++j) {
      const double sign = std::copysign(1.0, element(a, j, j));
      // The last reflector of a square matrix is the identity.
      const double chosen = is_square && j == n - 1 ? sign : -sign;
      *reinterpret_cast<double*>(out.data + j * out.byte_strides[0]) = chosen;
      const double pivot = element(a, j, j) - chosen;
      for (std::int64_t i = j + 1; i < n; ++i) {
        const double factor = element(a, i, j) / pivot;
        for (std::int64_t k = j + 1; k < n; ++k) element(a, i, k) -= factor * element(a, j, k);
      }
    }
  };
  // One cell; both axes of the input come whole.
  const ChunkGrid result(Shape{n}, Shape{n});
  return expr::make_stored(
      blocks(result, DType::float64, {top}, loop_geometry(ChunkGrid(), {top->shape}, {2}), task));
}

}  // namespace

TallQr tall_qr(const expr::NodePtr& a) {
  const TallTree tree(a);
  const expr::NodePtr factors = tree.factors();
  const expr::NodePtr q = tree.orthogonal(factors);
  const expr::NodePtr r = tree.triangle();
  if (tree.is_single()) return {q, r};
  const std::int64_t n = a->shape[1];
  const expr::NodePtr signs = signs_of(q);
  const expr::NodePtr of_rows = expr::make_view(signs, expr::IndexMap(Shape{n, n}, {{0, 0, 1, nullptr}}));
  using Op = kernels::ElementwiseOp;
  // Adding 0 makes every zero positive. The signs of Q are brought in by the small factors, so that tiles of
  // Q are written as they are made.
  return {tree.orthogonal(elementwise(Op::multiply, {factors, signs})),
          elementwise(Op::add, {elementwise(Op::multiply, {r, of_rows}), Scalar(0.0)})};
}

}  // namespace varve::ops
