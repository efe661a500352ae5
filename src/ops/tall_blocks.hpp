#pragma once

#include "expr/node.hpp"
#include "kernels/factor.hpp"

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

/// Returns how many blocks lie in one natural chunk, so that tiles decode it once.
[[nodiscard]] std::int64_t blocks_per_chunk(const expr::Node& a, std::int64_t rows);

/// Returns the same operation on blocks, with natural chunks of several blocks.
[[nodiscard]] expr::NodePtr in_chunks(const expr::NodePtr& of_blocks, const Shape& chunks);

[[nodiscard]] inline double& element(const kernels::MatrixView& a, std::int64_t row, std::int64_t column) {
  return *reinterpret_cast<double*>(a.at(row, column));
}
/// Returns the last two axes of a view whose other extents are 1.
[[nodiscard]] kernels::MatrixView matrix_of(const StridedView& view);
/// Returns the elements of a dense block.
[[nodiscard]] inline double* elements(const StridedView& dense) {
  return reinterpret_cast<double*>(dense.data);
}
void copy_matrix(const kernels::MatrixView& from, std::int64_t rows, std::int64_t columns,
                 const kernels::MatrixView& to);
void fill_zero(const kernels::MatrixView& a, std::int64_t rows, std::int64_t columns);

}  // namespace varve::ops
