#pragma once

#include <cstdint>

#include "kernels/isa.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::kernels {

/// Products of matrices are added up in slices of this many terms: one chain of multiply-adds per element and
/// slice, and then the slices in order. An element's bits so depend on its own row and column alone.
inline constexpr std::int64_t kProductSlice = 256;

/// A matrix of real elements, or of the real or imaginary parts of complex ones. Strides are in bytes.
struct MatrixView {
  std::byte* data = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;

  [[nodiscard]] std::byte* at(std::int64_t row, std::int64_t column) const noexcept {
    return data + row * row_stride + column * column_stride;
  }
  [[nodiscard]] MatrixView from(std::int64_t row, std::int64_t column) const noexcept {
    return {at(row, column), row_stride, column_stride};
  }
  [[nodiscard]] MatrixView transposed() const noexcept { return {data, column_stride, row_stride}; }
};

enum class Into : std::uint8_t { replace, add, subtract };

/// One slice of a product whose operands lie packed.
struct PackedProduct {
  const std::byte* left = nullptr;   ///< slivers of rows
  const std::byte* right = nullptr;  ///< slivers of columns
  std::int64_t depth = 0;            ///< at most kProductSlice
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  MatrixView out;
  Into into = Into::replace;
};

/// Packs `lanes` rows (or columns) of `depth` elements: slivers of a fixed number of lanes, of which each
/// holds the lanes of one depth side by side. Lanes that the last sliver lacks are zero. Strides in bytes.
struct Packing {
  const std::byte* source = nullptr;
  std::int64_t lane_stride = 0;
  std::int64_t depth_stride = 0;
  std::int64_t lanes = 0;
  std::int64_t depth = 0;
  std::byte* target = nullptr;
};

/// Multiplies packed matrices of one element type. A sliver's number of lanes follows from the registers.
struct ProductKernel {
  std::int64_t element_bytes = 0;
  std::int64_t row_lanes = 0;
  std::int64_t column_lanes = 0;
  void (*pack_rows)(const Packing&) noexcept = nullptr;
  void (*pack_columns)(const Packing&) noexcept = nullptr;
  void (*multiply)(const PackedProduct&) noexcept = nullptr;

  [[nodiscard]] std::int64_t packed_rows(std::int64_t rows) const noexcept {
    return (rows + row_lanes - 1) / row_lanes * row_lanes;
  }
  [[nodiscard]] std::int64_t packed_columns(std::int64_t columns) const noexcept {
    return (columns + column_lanes - 1) / column_lanes * column_lanes;
  }
};

/// Returns the kernel for float32 or float64, on the instruction set in use; or on one that can run here.
[[nodiscard]] const ProductKernel& product_kernel(DType real) noexcept;
[[nodiscard]] const ProductKernel& product_kernel(DType real, InstructionSet level) noexcept;

/// Multiplies dense matrices by plain loops: integers (which wrap) and bool (or of ands). Strides in bytes.
struct PlainProduct {
  MatrixView left;
  MatrixView right;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t depth = 0;
  MatrixView out;
  Into into = Into::replace;  ///< replace or add
};
using PlainProductFunction = void (*)(const PlainProduct&) noexcept;
/// Returns the function for an integer dtype or bool; null for others.
[[nodiscard]] PlainProductFunction plain_product(DType dtype) noexcept;

/// Returns the bytes that `multiply` needs for matrices of those extents.
[[nodiscard]] std::int64_t multiply_workspace_bytes(DType real, std::int64_t rows, std::int64_t columns);

/// Computes out (rows x columns) = or += or -= left (rows x depth) times right (depth x columns) on one
/// thread. The operands do not overlap with `out`. `workspace` is aligned to 64 bytes.
void multiply(DType real, const PlainProduct& product, std::byte* workspace) noexcept;

}  // namespace varve::kernels
