#pragma once

#include <vector>

#include "varve/core/chunk_grid.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::ops {

/// Splits the axes of an array into folded ones, which an operation needs whole, and kept ones.
class FoldedAxes {
 public:
  static void fields(auto& self, auto& visit) { visit("shape", self.shape_, "axes", self.axes_); }

  FoldedAxes() = default;
  /// `axes` are sorted and distinct.
  FoldedAxes(const Shape& shape, const std::vector<std::int64_t>& axes) : shape_(shape), axes_(axes) {
    prepare();
  }
  void prepare();

  [[nodiscard]] bool folds(std::int64_t axis) const { return folded_[static_cast<std::size_t>(axis)]; }
  /// Returns the number of folded elements per kept element.
  [[nodiscard]] std::int64_t row_length() const { return row_length_; }
  /// Returns the kept axis of that number, or -1 where there are fewer.
  [[nodiscard]] std::int64_t kept_axis(std::int64_t number) const;
  /// Returns the extents, or chunk sizes, of the kept axes.
  [[nodiscard]] Shape kept(const Shape& extents) const;
  /// Returns the box of the array above a box of kept elements.
  [[nodiscard]] Box above(const Box& kept) const { return above(kept, Box(shape_)); }
  /// Returns the part of it that lies in `rows`, of which only the bounds of folded axes count.
  [[nodiscard]] Box above(const Box& kept, Box rows) const;
  /// Views dense memory as a box of the array, so that the folded elements of each kept element lie side by
  /// side.
  [[nodiscard]] StridedView rows(std::byte* memory, DType dtype, const Box& box) const;
  /// Views dense memory as a box of the array, so that the kept elements of each folded element lie side by
  /// side.
  [[nodiscard]] StridedView columns(std::byte* memory, DType dtype, const Box& box) const;
  /// Returns the extents of the array, but 1 for kept axes.
  [[nodiscard]] Shape row_shape() const;
  /// Returns a grid of the array without the extents and chunks of its kept axes: they are 1.
  [[nodiscard]] ChunkGrid row_grid(const ChunkGrid& grid) const;
  /// Returns chunks of kept elements whose rows take between kMinBytes and kMaxBytes together, where that
  /// can be: the chunks of the array, halved along the first axes or doubled along the last.
  [[nodiscard]] ChunkGrid kept_grid(const ChunkGrid& grid, std::int64_t element_bytes) const;

  static constexpr std::int64_t kMinBytes = 4 << 20;
  static constexpr std::int64_t kMaxBytes = 32 << 20;

 private:
  [[nodiscard]] StridedView packed(std::byte* memory, DType dtype, const Box& box, bool folded_inside) const;

  Shape shape_;
  std::vector<std::int64_t> axes_;
  std::vector<bool> folded_;
  std::int64_t row_length_ = 1;
};

}  // namespace varve::ops
