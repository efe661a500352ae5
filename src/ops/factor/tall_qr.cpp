#include "ops/factor/tall_qr.hpp"

#include <algorithm>
#include <complex>

#include "expr/fields.hpp"
#include "kernels/plain_factor.hpp"
#include "ops/build.hpp"
#include "ops/factor/tall_blocks.hpp"

namespace varve::ops {
namespace {

using kernels::MatrixView;

// A matrix that is the only block gets the signs of one piece.
kernels::QrBlock block_of(std::int64_t rows, const TallBlocks& a) {
  return {rows, a.columns, a.count() == 1 ? rows : piece_rows(a.columns)};
}

kernels::QrBlock stacked(std::int64_t triangles, std::int64_t n) { return {triangles * n, n, piece_rows(n)}; }

/// Makes the triangle of each block of rows.
struct QrTriangles {
  static constexpr std::string_view kKind = "qr_triangles";
  TallBlocks a;

  static void fields(auto& step, auto& visit) { visit("a", step.a); }
  [[nodiscard]] BlockGrids grids() const {
    a.check();
    return {"qr",
            one_by_one(a.count(), a.columns, a.columns),
            {a.input()},
            one_region(kernels::qr_workspace_bytes(block_of(a.height, a), false))};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    kernels::qr_triangle(block_of(inputs[0].shape[0], a), elements(inputs[0]), matrix_of(out),
                         place.workspace.data());
  }
};

/// Factors groups of triangles: each gives its Q, and beside it its own triangle.
struct QrLevel {
  static constexpr std::string_view kKind = "qr_level";
  std::int64_t count = 0;  ///< of triangles
  std::int64_t n = 0;

  static void fields(auto& step, auto& visit) { visit("count", step.count, "n", step.n); }
  [[nodiscard]] std::int64_t groups() const { return (count - 1) / kFanIn + 1; }
  [[nodiscard]] ChunkGrid result() const { return one_by_one(groups(), kFanIn * n, n); }
  [[nodiscard]] BlockGrids grids() const {
    require_triangles(count, n);
    return {"qr",
            result(),
            {{ChunkGrid(Shape{count, n, n}, Shape{kFanIn, n, n}), {0, -1, -1}}},
            one_region(kernels::qr_workspace_bytes(stacked(kFanIn, n), true)),
            DType::float64,
            {{one_by_one(groups(), n, n), DType::float64, {0, -1, -1}}}};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const kernels::QrBlock block = stacked(inputs[0].shape[0], n);
    const MatrixView q = matrix_of(out);
    kernels::qr_factors(block, elements(inputs[0]), {}, matrix_of(place.further.front()), q,
                        place.workspace.data());
    if (q.data != nullptr) kernels::fill_zero(q.from(block.rows, 0), kFanIn * n - block.rows, n);
  }
};

/// Makes the factor of each triangle of a level: its part of Q of the level, times the factor of its group.
struct QrFactors {
  static constexpr std::string_view kKind = "qr_factors";
  QrLevel level;

  static void fields(auto& step, auto& visit) { QrLevel::fields(step.level, visit); }
  [[nodiscard]] BlockGrids grids() const {
    const std::int64_t n = level.n;
    require_triangles(level.count, n);
    const ChunkGrid groups = level.result();
    BlockGrids made{
        "qr", one_by_one(level.count, n, n), {}, one_region(kernels::triangular_workspace_bytes(n, n))};
    made.inputs.push_back({ChunkGrid(groups.shape(), Shape{1, n, n}), {}});
    // The last group has no factor.
    if (groups.count(0) > 1) made.inputs.push_back({one_by_one(groups.count(0), n, n), {}});
    return made;
  }
  [[nodiscard]] ChunkIndex chunk_for(int input, const ChunkIndex& block) const {
    return {block[0] / kFanIn, input == 0 ? block[0] % kFanIn : 0, 0};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const std::int64_t n = level.n;
    if (inputs.size() == 1) return kernels::copy_matrix(matrix_of(inputs[0]), n, n, matrix_of(out));
    kernels::multiply(
        DType::float64,
        {matrix_of(inputs[0]), matrix_of(inputs[1]), n, n, n, matrix_of(out), kernels::Into::replace},
        place.workspace.data());
  }
};

/// Makes the rows of Q: of each block, times the factor of its triangle, where there are several.
struct QrRows {
  static constexpr std::string_view kKind = "qr_rows";
  TallBlocks a;

  static void fields(auto& step, auto& visit) { visit("a", step.a); }
  [[nodiscard]] BlockGrids grids() const {
    a.check();
    const std::int64_t n = a.columns;
    BlockGrids made{"qr",
                    a.input().grid,
                    {a.input()},
                    one_region(kernels::qr_workspace_bytes(block_of(a.height, a), true))};
    if (a.count() > 1) made.inputs.push_back({one_by_one(a.count(), n, n), {0, -1, -1}});
    return made;
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const MatrixView factor = inputs.size() == 2 ? matrix_of(inputs[1]) : MatrixView{};
    kernels::qr_factors(block_of(inputs[0].shape[0], a), elements(inputs[0]), factor, {}, matrix_of(out),
                        place.workspace.data());
  }
};

/// Finds the signs that Householder's reflectors would have given the columns of Q, from its first n rows.
struct QrSigns {
  static constexpr std::string_view kKind = "qr_signs";
  DType dtype = DType::float64;
  std::int64_t n = 0;
  bool keeps_last = false;  ///< the last reflector of a real square matrix is the identity

  static void fields(auto& step, auto& visit) {
    visit("dtype", step.dtype, "n", step.n, "keeps_last", step.keeps_last);
  }
  [[nodiscard]] BlockGrids grids() const {
    require_matrix(n, n);
    expr::require_parameter(dtype == DType::float64 || dtype == DType::complex128,
                            "matrices are of float64 or complex128");
    const Shape square{n, n};
    return {"qr", ChunkGrid(Shape{n}, Shape{n}), {{ChunkGrid(square, square), {-1, -1}, dtype}}};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out, const BlockPlace&) const {
    if (dtype == DType::float64)
      kernels::plain_signs(elements(inputs[0]), n, keeps_last, out);
    else
      kernels::plain_signs(reinterpret_cast<std::complex<double>*>(inputs[0].data), n, keeps_last, out);
  }
};

/// Builds the nodes of one factorisation.
class TallTree {
 public:
  explicit TallTree(const expr::NodePtr& a)
      : a_(a), blocks_{a->shape[0], a->shape[1], block_rows(*a, a->shape[1])} {
    const std::int64_t together = blocks_per_chunk(*a_, blocks_.height);
    triangles_ = in_chunks(blocks(QrTriangles{blocks_}, {a_}), Shape{together, n(), n()});
    while (triangles_->shape[0] > 1) add_level();
  }

  // (1, n, n) as (n, n).
  [[nodiscard]] expr::NodePtr triangle() const {
    return expr::make_view(
        triangles_,
        expr::IndexMap(Shape{n(), n()}, {{-1, 0, 0, nullptr}, {0, 0, 1, nullptr}, {1, 0, 1, nullptr}}));
  }
  [[nodiscard]] bool is_single() const { return blocks_.count() == 1; }

  // The matrix that belongs to each block, by which its part of Q is multiplied; null for a single block.
  [[nodiscard]] expr::NodePtr factors() const {
    expr::NodePtr factors;
    for (std::size_t level = levels_.size(); level-- > 0;) {
      factors = blocks(QrFactors{levels_[level].first}, with_factors(levels_[level].second, factors));
      // Each is used by all triangles of its group.
      if (level > 0) factors = expr::make_materialised(factors);
    }
    return factors;
  }

  // Q, given the factors of the blocks.
  [[nodiscard]] expr::NodePtr orthogonal(const expr::NodePtr& factors) const {
    return in_chunks(blocks(QrRows{blocks_}, with_factors(a_, factors)),
                     Shape{blocks_.height * blocks_per_chunk(*a_, blocks_.height), n()});
  }

 private:
  [[nodiscard]] std::int64_t n() const { return blocks_.columns; }
  static std::vector<expr::NodePtr> with_factors(const expr::NodePtr& input, const expr::NodePtr& factors) {
    if (factors) return {input, factors};
    return {input};
  }

  void add_level() {
    const QrLevel step{triangles_->shape[0], n()};
    const std::vector<expr::NodePtr> made = blocks_of_outputs(step, {triangles_});
    levels_.emplace_back(step, expr::make_materialised(made[0]));
    triangles_ = expr::make_materialised(made[1]);
  }

  expr::NodePtr a_;
  TallBlocks blocks_;
  std::vector<std::pair<QrLevel, expr::NodePtr>> levels_;
  expr::NodePtr triangles_;
};

}  // namespace

extern const expr::OperatorRow qr_triangles_row = BlockStep<QrTriangles>::row();
extern const expr::OperatorRow qr_level_row = BlockStep<QrLevel>::row();
extern const expr::OperatorRow qr_factors_row = BlockStep<QrFactors>::row();
extern const expr::OperatorRow qr_rows_row = BlockStep<QrRows>::row();
extern const expr::OperatorRow qr_signs_row = BlockStep<QrSigns>::row();

expr::NodePtr qr_signs(const expr::NodePtr& q) {
  const std::int64_t n = q->shape[1];
  const bool keeps_last = q->dtype == DType::float64 && q->shape[0] == n;
  const expr::NodePtr top = expr::make_view(q, expr::IndexMap::identity(Shape{n, n}));
  return expr::make_materialised(blocks(QrSigns{q->dtype, n, keeps_last}, {top}));
}

QrNodes tall_qr(const expr::NodePtr& a) {
  const TallTree tree(a);
  const expr::NodePtr factors = tree.factors();
  const expr::NodePtr q = tree.orthogonal(factors);
  const expr::NodePtr r = tree.triangle();
  if (tree.is_single()) return {q, r};
  const std::int64_t n = a->shape[1];
  const expr::NodePtr signs = qr_signs(q);
  const expr::NodePtr of_rows = expr::make_view(signs, expr::IndexMap(Shape{n, n}, {{0, 0, 1, nullptr}}));
  using Op = kernels::ElementwiseOp;
  // Adding 0 makes every zero positive. The signs of Q are brought in by the small factors, so that tiles of
  // Q are written as they are made.
  return {tree.orthogonal(elementwise(Op::multiply, {factors, signs})),
          elementwise(Op::add, {elementwise(Op::multiply, {r, of_rows}), Scalar(0.0)})};
}

}  // namespace varve::ops
