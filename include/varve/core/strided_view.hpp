#pragma once

#include <cstddef>

#include "varve/core/box.hpp"
#include "varve/core/dtype.hpp"

namespace varve {

/// Is a non-owning window on array memory: any strides, any rank. `data` is the element at coordinate zero.
template <class Byte>
struct BasicView {
  Byte* data = nullptr;
  DType dtype = DType::float64;
  Shape shape;
  ByteStrides byte_strides;

  BasicView() = default;
  BasicView(Byte* first, DType type, const Shape& extents, const ByteStrides& strides)
      : data(first), dtype(type), shape(extents), byte_strides(strides) {}
  /// Views dense C-order memory.
  BasicView(Byte* first, DType type, const Shape& extents)
      : data(first), dtype(type), shape(extents), byte_strides(c_order_strides(extents, size_bytes(type))) {}

  [[nodiscard]] std::int64_t ndim() const noexcept { return shape.size(); }

  /// Returns the part of the view inside `box`, which must lie inside the view.
  [[nodiscard]] BasicView sub(const Box& box) const {
    BasicView result(data, dtype, box.shape(), byte_strides);
    for (std::int64_t axis = 0; axis < ndim(); ++axis) result.data += box.lo[axis] * byte_strides[axis];
    return result;
  }

  /// Tells whether the elements lie densely in C order.
  [[nodiscard]] bool is_c_contiguous() const noexcept {
    std::int64_t step = size_bytes(dtype);
    for (std::int64_t axis = ndim() - 1; axis >= 0; --axis) {
      if (shape[axis] != 1 && byte_strides[axis] != step) return false;
      step *= shape[axis];
    }
    return true;
  }
};

using StridedView = BasicView<std::byte>;
using ConstStridedView = BasicView<const std::byte>;

[[nodiscard]] inline ConstStridedView as_const(const StridedView& view) {
  return {view.data, view.dtype, view.shape, view.byte_strides};
}

}  // namespace varve
