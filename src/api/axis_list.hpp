#pragma once

#include <string>
#include <vector>

#include "varve/axes.hpp"
#include "varve/core/dims.hpp"

namespace varve::api {

/// Returns the named axes, or all, in the order given, counted from the front. Errors: ShapeError, naming
/// `operation`, if one is out of range or repeated.
[[nodiscard]] std::vector<std::int64_t> axis_list(const Axes& axes, const Shape& shape,
                                                  const std::string& operation);
/// Returns the same, sorted.
[[nodiscard]] std::vector<std::int64_t> sorted_axis_list(const Axes& axes, const Shape& shape,
                                                         const std::string& operation);

}  // namespace varve::api
