#include "api/axis_list.hpp"

#include <algorithm>

namespace varve::api {

std::vector<std::int64_t> axis_list(const Axes& axes, const Shape& shape, const std::string& operation) {
  std::vector<std::int64_t> result;
  if (!axes.value()) {
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) result.push_back(axis);
    return result;
  }
  for (const std::int64_t axis : *axes.value())
    result.push_back(normalize_axis(axis, shape.size(), operation));
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    throw ShapeError(operation + ": an axis is repeated; name each axis of the shape " + to_string(shape) +
                     " once");
  }
  return result;
}

}  // namespace varve::api
