#pragma once

#include <string_view>
#include <vector>

#include "expr/index_map.hpp"
#include "varve/array.hpp"
#include "varve/indexing.hpp"

namespace varve::api {

/// A slice made definite for one axis: `count` positions `start + step * i`.
struct Selection {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

/// Resolves a slice as Python's `slice.indices` does. Errors: IndexError if the step is zero.
[[nodiscard]] Selection resolve(const Slice& slice, std::int64_t extent);

/// Returns `position` counted from the front. Errors: IndexError naming axis, extent and shape; the message
/// starts with `prefix`.
[[nodiscard]] std::int64_t resolve_position(std::int64_t position, std::int64_t axis, const Shape& shape,
                                            std::string_view prefix);

/// Maps `axis` of the input to the listed positions, along `output_axis` of extent `extent`. A single
/// position serves any extent; evenly spaced positions become an affine map, which keeps chunks regular.
[[nodiscard]] expr::AxisMap pick(const std::vector<std::int64_t>& positions, std::int64_t axis,
                                 const Shape& shape, std::int64_t output_axis, std::int64_t extent,
                                 std::string_view prefix);

/// Gives one axis of an array the axes of `shape`, which has as many elements.
[[nodiscard]] Array with_axes(const Array& x, std::int64_t axis, const Shape& shape);

}  // namespace varve::api
