#pragma once

#include "expr/box_operator.hpp"
#include "kernels/contract.hpp"

namespace varve::ops {

/// What a tile of a contraction comes to when the axes of each kind are taken together.
struct TileExtents {
  std::int64_t left_batch = 1;   ///< matrices in the left input
  std::int64_t right_batch = 1;  ///< in the right one
  std::int64_t batch = 1;        ///< in the result
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t depth = 1;  ///< of the deepest panel
};

/// Says which matrices make matrix `b` of the result, and where it lies.
struct BatchItem {
  std::int64_t left = 0;
  std::int64_t right = 0;
  kernels::MatrixView out;
};

/// The memory of the product of one tile: panels, and what they are packed into.
struct TileMemory {
  TileMemory() = default;
  TileMemory(expr::Workspace& workspace, DType dtype, const TileExtents& extents);

  TileExtents extents;
  expr::Elements left;
  expr::Elements right;
  expr::Elements packed_left;
  expr::Elements packed_right;
};

/// Adds up the products of the panels of one tile, on all threads. The panels lie dense: (left_batch, rows,
/// depth) and (right_batch, depth, columns). Each element is added up in an order that depends on the panels
/// alone.
class TileProduct {
 public:
  /// `item` tells of each matrix of the result.
  TileProduct(const TileMemory& memory, expr::OperatorContext& context,
              std::function<BatchItem(std::int64_t)> item);

  [[nodiscard]] std::byte* left_panel() const noexcept { return left_; }
  [[nodiscard]] std::byte* right_panel() const noexcept { return right_; }
  /// Subtracts all panels from what the result holds already. Real and floating dtypes only.
  void subtract_from_result() noexcept { into_ = kernels::Into::subtract; }
  /// Adds the panels, `depth` deep, to the result; the first ones replace it.
  void add(std::int64_t depth);

 private:
  struct Slice {
    std::int64_t first;
    std::int64_t depth;
    std::int64_t panel_depth;
  };
  void pack(const Slice& slice);
  void pack_sliver(std::int64_t number, const Slice& slice);
  void multiply(const Slice& slice);
  void multiply_block(const BatchItem& item, std::int64_t row, std::int64_t column, const Slice& slice);
  void multiply_packed(const kernels::PackedProduct& product, std::int64_t left, std::int64_t right);
  void multiply_plain(std::int64_t depth);
  void for_each_block(std::int64_t row_step, std::int64_t column_step, std::int64_t depth,
                      const std::function<void(const BatchItem&, std::int64_t, std::int64_t)>& work);
  [[nodiscard]] std::int64_t row_step(std::int64_t column_step) const;
  [[nodiscard]] std::int64_t packed_left_bytes(std::int64_t depth) const;
  [[nodiscard]] std::int64_t packed_right_bytes(std::int64_t depth) const;

  DType dtype_;
  TileExtents extents_;
  expr::OperatorContext& context_;
  std::function<BatchItem(std::int64_t)> item_;
  const kernels::ProductKernel& kernel_;
  std::int64_t element_;
  std::byte* left_;
  std::byte* right_;
  std::byte* packed_left_ = nullptr;  ///< complex: all real parts of a matrix, then all imaginary ones
  std::byte* packed_right_ = nullptr;
  kernels::Into into_ = kernels::Into::replace;
};

}  // namespace varve::ops
