#pragma once

#include "kernels/factor.hpp"
#include "ops/blocks/blocks.hpp"

namespace varve::ops {

// What factorisations of tall matrices, block of rows by block of rows, have in common.

/// Triangles that one node of the tree stacks.
inline constexpr std::int64_t kFanIn = 8;

/// Returns how many rows of n factored columns are factored together in a block.
[[nodiscard]] std::int64_t piece_rows(std::int64_t n) noexcept;

/// Returns the rows per block of a matrix, of which blocks have so many columns together with what stands
/// beside them: a multiple of the natural chunks, or a part of them, where these are not too large. The last
/// block is no wider than tall.
[[nodiscard]] std::int64_t block_rows(const expr::Node& a, std::int64_t columns);

/// A matrix in blocks of rows.
struct TallBlocks {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t height = 0;  ///< rows of a block; the last may have fewer, but no fewer than columns

  static void fields(auto& blocks, auto& visit) {
    visit("rows", blocks.rows, "columns", blocks.columns, "height", blocks.height);
  }
  [[nodiscard]] std::int64_t count() const { return (rows - 1) / height + 1; }
  /// Errors: ArgumentError for blocks that there cannot be, ShapeError for those that are too large.
  void check() const;
  /// Returns it as an input whose blocks of rows follow the first axis of the result.
  [[nodiscard]] BlockInput input() const {
    return {ChunkGrid(Shape{rows, columns}, Shape{height, columns}), {0, -1}};
  }
};

/// Refuses triangles that do not make a tree. Errors: ArgumentError, ShapeError.
inline void require_triangles(std::int64_t count, std::int64_t n) {
  expr::require_parameter(count >= 1, "there are triangles");
  require_matrix((kFanIn + 1) * n, n);
}

/// Returns `count` small matrices one by one.
[[nodiscard]] inline ChunkGrid one_by_one(std::int64_t count, std::int64_t rows, std::int64_t columns) {
  return {Shape{count, rows, columns}, Shape{1, rows, columns}};
}

/// Returns how many blocks lie in one natural chunk, so that tiles decode it once.
[[nodiscard]] std::int64_t blocks_per_chunk(const expr::Node& a, std::int64_t rows);

/// Returns the same operation on blocks, with natural chunks of several blocks.
[[nodiscard]] expr::NodePtr in_chunks(const expr::NodePtr& of_blocks, const Shape& chunks);

/// Returns the last two axes of a view whose other extents are 1.
[[nodiscard]] kernels::MatrixView matrix_of(const StridedView& view);
/// Returns the elements of a dense block.
[[nodiscard]] inline double* elements(const StridedView& dense) {
  return reinterpret_cast<double*>(dense.data);
}

}  // namespace varve::ops
