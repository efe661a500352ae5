#include "api/axis_list.hpp"

#include <algorithm>
#include <numeric>

#include "varve/core/error.hpp"

namespace varve::api {
namespace {

std::int64_t number_of(const Axis& axis, const Array& x, const std::string& operation) {
  if (axis.name() == nullptr) return axis.number();
  const std::vector<std::string> dims = x.dims();
  const std::optional<std::int64_t> found = find_axis(*axis.name(), dims);
  if (!found) throw ShapeError(operation + ": " + no_such_axis(*axis.name(), dims));
  return *found;
}

}  // namespace

std::optional<std::int64_t> find_axis(const std::string& name, const std::vector<std::string>& dims) {
  const auto found = name.empty() ? dims.end() : std::find(dims.begin(), dims.end(), name);
  if (found == dims.end()) return std::nullopt;
  return found - dims.begin();
}

std::string no_such_axis(const std::string& name, const std::vector<std::string>& dims) {
  std::string known;
  for (const std::string& dim : dims) {
    if (!dim.empty()) known += (known.empty() ? "; there are '" : ", '") + dim + "'";
  }
  if (known.empty()) known = "; its axes have no names: count them from 0";
  return "no axis of the array is called '" + name + "'" + known;
}

std::optional<std::vector<std::int64_t>> axis_numbers(const Axes& axes, const Array& x,
                                                      const std::string& operation) {
  if (!axes.value()) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const Axis& axis : *axes.value()) numbers.push_back(number_of(axis, x, operation));
  return numbers;
}

std::int64_t axis_of(const Axis& axis, const Array& x, const std::string& operation) {
  return normalize_axis(number_of(axis, x, operation), x.ndim(), operation);
}

std::vector<std::int64_t> axis_list(const Axes& axes, const Array& x, const std::string& operation) {
  const auto numbers = axis_numbers(axes, x, operation);
  if (!numbers) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(x.ndim()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  std::vector<std::int64_t> result;
  for (const std::int64_t axis : *numbers) {
    const std::int64_t normal = normalize_axis(axis, x.ndim(), operation);
    if (std::find(result.begin(), result.end(), normal) != result.end()) {
      throw ShapeError(operation + ": axis " + std::to_string(axis) + " is repeated; the array has shape " +
                       to_string(x.shape()));
    }
    result.push_back(normal);
  }
  return result;
}

std::vector<std::int64_t> sorted_axis_list(const Axes& axes, const Array& x, const std::string& operation) {
  std::vector<std::int64_t> result = axis_list(axes, x, operation);
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace varve::api
