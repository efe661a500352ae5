#include "ops/factor/tall_blocks.hpp"

#include <algorithm>

#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// A block of rows is at least so many times taller than wide: its triangle is then small beside it.
constexpr std::int64_t kTallness = 4;
constexpr std::int64_t kBlockBytes = 1 << 20;
// With 16 of their columns these rows stay in the first cache.
constexpr std::int64_t kPieceRows = 256;

}  // namespace

std::int64_t piece_rows(std::int64_t n) noexcept { return std::max(kPieceRows, kTallness * n); }

std::int64_t block_rows(const expr::Node& a, std::int64_t columns) {
  const std::int64_t m = a.shape[0];
  const std::int64_t n = std::max<std::int64_t>(a.shape[1], 1);
  const auto row_bytes = static_cast<std::int64_t>(sizeof(double)) * std::max<std::int64_t>(columns, 1);
  const std::int64_t wanted = std::max(kTallness * n, kBlockBytes / row_bytes);
  const std::int64_t chunk = a.grid.chunks()[0];
  const auto suits = [&](std::int64_t rows) { return m % rows == 0 || m % rows >= n; };
  for (std::int64_t parts = chunk / wanted; parts > 1 && chunk / parts < 4 * wanted; --parts) {
    if (chunk % parts == 0 && suits(chunk / parts)) return chunk / parts;
  }
  const std::int64_t step = chunk <= wanted ? chunk : 1;
  for (std::int64_t rows = divide_up(wanted, step) * step; rows < m && rows < 4 * wanted; rows += step) {
    if (suits(rows)) return rows;
  }
  return std::max<std::int64_t>(m, 1);
}

void TallBlocks::check() const {
  require_matrix(height, columns);
  expr::require_parameter(height >= columns && height <= rows && rows - (count() - 1) * height >= columns,
                          "blocks of rows have at least as many rows as columns");
}

std::int64_t blocks_per_chunk(const expr::Node& a, std::int64_t rows) {
  const std::int64_t chunk = a.grid.chunks()[0];
  return chunk % rows == 0 ? chunk / rows : 1;
}

expr::NodePtr in_chunks(const expr::NodePtr& of_blocks, const Shape& chunks) {
  return expr::make_operation(ChunkGrid(of_blocks->shape, chunks), of_blocks->dtype, of_blocks->inputs,
                              of_blocks->as<expr::Operation>()->op);
}

kernels::MatrixView matrix_of(const StridedView& view) {
  return {view.data, view.byte_strides[view.ndim() - 2], view.byte_strides[view.ndim() - 1]};
}

}  // namespace varve::ops
