#pragma once

#include <algorithm>

#include "varve/core/counting.hpp"
#include "varve/core/strided_view.hpp"

namespace varve {

/// Returns how many parts of that size it takes to hold so many.
[[nodiscard]] constexpr std::int64_t divide_up(std::int64_t count, std::int64_t part) noexcept {
  return (count + part - 1) / part;
}

/// Returns the elements along axes [first, end), or 2^63 - 1 where that does not fit.
[[nodiscard]] std::int64_t count_along(const Shape& shape, std::int64_t first, std::int64_t end) noexcept;

/// Returns extents, coordinates or offsets without those of an axis.
template <class Tag>
[[nodiscard]] Dims<Tag> without_axis(Dims<Tag> dims, std::int64_t axis) {
  dims.erase(axis);
  return dims;
}
/// Returns the box without an axis.
[[nodiscard]] Box without_axis(Box box, std::int64_t axis);
/// Returns the box with one more axis, along which it goes from `lo` to `hi`.
[[nodiscard]] Box with_axis(Box box, std::int64_t axis, std::int64_t lo, std::int64_t hi);
/// Returns the box with other bounds along an axis.
[[nodiscard]] Box between(Box box, std::int64_t axis, std::int64_t lo, std::int64_t hi);
/// Returns `box` shifted so that the zero coordinate becomes `origin`: the inverse of `relative_to`.
[[nodiscard]] Box placed_at(Box box, const Index& origin);
/// Returns the smallest box that holds two of the same rank.
[[nodiscard]] Box enclosing(Box box, const Box& other);

/// Returns the extents with 1 along an axis: of its rows, which are numbered in C order.
[[nodiscard]] Shape one_row(Shape shape, std::int64_t axis);
/// Returns a row of a box along an axis.
[[nodiscard]] Box row_of(const Box& box, std::int64_t axis, std::int64_t number);
/// Views a row along an axis, as an array of that one axis.
[[nodiscard]] StridedView row_of(const StridedView& view, std::int64_t axis, std::int64_t number);

/// Calls `visit(part)` for the parts of a box between the multiples of `length` along an axis, in order.
template <class Visit>
void for_each_stretch(const Box& box, std::int64_t axis, std::int64_t length, const Visit& visit) {
  for (std::int64_t at = box.lo[axis]; at < box.hi[axis];) {
    const std::int64_t end = std::min((at / length + 1) * length, box.hi[axis]);
    visit(between(box, axis, at, end));
    at = end;
  }
}

}  // namespace varve
