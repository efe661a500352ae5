#include "varve/core/dims.hpp"

namespace varve {

std::int64_t checked_multiply(std::int64_t left, std::int64_t right, const char* what) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(left, right, &product)) {
    throw ShapeError(std::string(what) + " too large: " + std::to_string(left) + " x " +
                     std::to_string(right) +
                     " does not fit in 63 bits; make the array smaller, or take a part of it");
  }
  return product;
}

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0) {
      throw ShapeError("negative extent in the shape " + to_string(shape) +
                       "; extents count elements, from 0");
    }
    if (extent == 0) return 0;
  }
  for (const std::int64_t extent : shape) count = checked_multiply(count, extent, "shape product");
  return count;
}

std::int64_t saturating_count(const Shape& shape) noexcept {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count = saturating_multiply(count, extent);
  return std::find(shape.begin(), shape.end(), 0) == shape.end() ? count : 0;
}

Shape broadcast_shapes(const Shape& left, const Shape& right, std::string_view operation) {
  const std::int64_t ndim = std::max(left.size(), right.size());
  Shape result(ndim, 1);
  for (std::int64_t back = 1; back <= ndim; ++back) {
    const std::int64_t l = back <= left.size() ? left[left.size() - back] : 1;
    const std::int64_t r = back <= right.size() ? right[right.size() - back] : 1;
    if (l != r && l != 1 && r != 1) {
      throw ShapeError(std::string(operation) + ": shapes " + to_string(left) + " and " + to_string(right) +
                       " do not broadcast: the extents of axis " + std::to_string(ndim - back) +
                       " must be equal, or one of them 1; insert axes with expand_dims to align others");
    }
    result[ndim - back] = l == 1 ? r : l;
  }
  return result;
}

namespace {

std::string valid_axes(std::int64_t ndim) {
  if (ndim == 0) return "it has no axis to name";
  return "axes go from " + std::to_string(-ndim) + " to " + std::to_string(ndim - 1);
}

}  // namespace

std::int64_t normalize_axis(std::int64_t axis, std::int64_t ndim, std::string_view operation) {
  if (axis < -ndim || axis >= ndim) {
    throw ShapeError(std::string(operation) + ": axis " + std::to_string(axis) +
                     " is out of range for an array of " + std::to_string(ndim) + " axes; " +
                     valid_axes(ndim));
  }
  return axis < 0 ? axis + ndim : axis;
}

ByteStrides c_order_strides(const Shape& shape, std::int64_t element_bytes) {
  ByteStrides strides(shape.size(), 0);
  std::int64_t step = element_bytes;
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step = saturating_multiply(step, std::max<std::int64_t>(shape[axis], 1));
  }
  return strides;
}

}  // namespace varve
