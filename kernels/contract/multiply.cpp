#include <algorithm>

#include "kernels/contract.hpp"

namespace varve::kernels {
namespace {

// Blocks of the product for which packed operands stay in cache.
constexpr std::int64_t kBlockColumns = 512;
constexpr std::int64_t kBlockSlivers = 16;

std::int64_t block_rows(const ProductKernel& kernel) { return kernel.row_lanes * kBlockSlivers; }

}  // namespace

std::int64_t multiply_workspace_bytes(DType real, std::int64_t rows, std::int64_t columns) {
  const ProductKernel& kernel = product_kernel(real);
  const std::int64_t lanes = kernel.packed_rows(std::min(rows, block_rows(kernel))) +
                             kernel.packed_columns(std::min(columns, kBlockColumns));
  return lanes * kProductSlice * kernel.element_bytes + 64;
}

void multiply(DType real, const PlainProduct& product, std::byte* workspace) noexcept {
  const ProductKernel& kernel = product_kernel(real);
  const std::int64_t step = block_rows(kernel);
  for (std::int64_t column = 0; column < product.columns; column += kBlockColumns) {
    const std::int64_t columns = std::min(kBlockColumns, product.columns - column);
    const std::int64_t right_bytes = kernel.packed_columns(columns) * kProductSlice * kernel.element_bytes;
    std::byte* packed_left = workspace + (right_bytes + 63) / 64 * 64;
    Into into = product.into;
    for (std::int64_t k = 0; k < product.depth; k += kProductSlice) {
      const std::int64_t depth = std::min(kProductSlice, product.depth - k);
      kernel.pack_columns({product.right.at(k, column), product.right.column_stride, product.right.row_stride,
                           columns, depth, workspace});
      for (std::int64_t row = 0; row < product.rows; row += step) {
        const std::int64_t rows = std::min(step, product.rows - row);
        kernel.pack_rows({product.left.at(row, k), product.left.row_stride, product.left.column_stride, rows,
                          depth, packed_left});
        kernel.multiply({packed_left, workspace, depth, rows, columns, product.out.from(row, column), into});
      }
      if (into == Into::replace) into = Into::add;
    }
  }
}

}  // namespace varve::kernels
