#pragma once

#include <algorithm>
#include <cstddef>

#include "varve/core/box.hpp"
#include "varve/core/dtype.hpp"

namespace varve {

/// A non-owning window on array memory: any strides, any rank. `data` is the element at coordinate zero.
template <class Byte>
struct BasicView {
  Byte* data = nullptr;          ///< the element at coordinate zero
  DType dtype = DType::float64;  ///< of the elements
  Shape shape;                   ///< extents in elements
  ByteStrides byte_strides;      ///< of any sign; zero where one element is seen many times

  BasicView() = default;
  /// Views memory of any strides.
  BasicView(Byte* first, DType type, const Shape& extents, const ByteStrides& strides)
      : data(first), dtype(type), shape(extents), byte_strides(strides) {}
  /// Views dense C-order memory.
  BasicView(Byte* first, DType type, const Shape& extents)
      : data(first), dtype(type), shape(extents), byte_strides(c_order_strides(extents, size_bytes(type))) {}

  /// Returns the number of axes.
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

/// A view of memory that may be written to.
using StridedView = BasicView<std::byte>;
/// A view of memory that is read.
using ConstStridedView = BasicView<const std::byte>;

/// Returns the address of one element.
template <class Byte>
[[nodiscard]] Byte* element_at(const BasicView<Byte>& view, const Index& index) noexcept {
  Byte* element = view.data;
  for (std::int64_t axis = 0; axis < view.ndim(); ++axis) element += index[axis] * view.byte_strides[axis];
  return element;
}

/// Calls `visit(address, ...)`, with one address per view, for every element of views of one shape, in C
/// order. For small arrays and foreign containers: kernels are many times faster.
template <class Visit, class Byte, class... Views>
void for_each_element(const Visit& visit, const BasicView<Byte>& view, const Views&... more) {
  if (std::find(view.shape.begin(), view.shape.end(), 0) != view.shape.end()) return;
  Index index(view.ndim(), 0);
  do {
    visit(element_at(view, index), element_at(more, index)...);
  } while (next_index(index, view.shape));
}

/// Returns the same view, of memory that is read.
[[nodiscard]] inline ConstStridedView as_const(const StridedView& view) {
  return {view.data, view.dtype, view.shape, view.byte_strides};
}

}  // namespace varve
