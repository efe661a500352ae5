#pragma once

#include <string>
#include <vector>

#include "varve/core/dims.hpp"
#include "varve/reductions.hpp"

namespace varve::api {

/// Returns the named axes, or all, counted from the front and sorted. Errors: ShapeError, naming `operation`,
/// if one is out of range or repeated.
[[nodiscard]] std::vector<std::int64_t> axis_list(const Axes& axes, const Shape& shape,
                                                  const std::string& operation);

}  // namespace varve::api
