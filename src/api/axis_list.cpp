#include "api/axis_list.hpp"

#include <algorithm>
#include <numeric>

namespace varve::api {

std::vector<std::int64_t> axis_list(const Axes& axes, const Shape& shape, const std::string& operation) {
  if (!axes.value()) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(shape.size()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  std::vector<std::int64_t> result;
  for (const std::int64_t axis : *axes.value()) {
    const std::int64_t normal = normalize_axis(axis, shape.size(), operation);
    if (std::find(result.begin(), result.end(), normal) != result.end()) {
      throw ShapeError(operation + ": axis " + std::to_string(axis) + " is repeated; the array has shape " +
                       to_string(shape));
    }
    result.push_back(normal);
  }
  return result;
}

std::vector<std::int64_t> sorted_axis_list(const Axes& axes, const Shape& shape,
                                           const std::string& operation) {
  std::vector<std::int64_t> result = axis_list(axes, shape, operation);
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace varve::api
