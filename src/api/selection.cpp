#include "api/selection.hpp"

#include <algorithm>
#include <string>

#include "expr/node.hpp"
#include "varve/rearranging.hpp"

namespace varve::api {
namespace {

// Clips a slice bound to the positions that make sense in the direction of the step: [0, n] forward, [-1, n -
// 1] backward.
std::int64_t clip_bound(std::int64_t bound, std::int64_t extent, bool forward) {
  if (bound < 0) bound = std::max<std::int64_t>(bound, -extent - 1) + extent;
  return forward ? std::clamp<std::int64_t>(bound, 0, extent)
                 : std::clamp<std::int64_t>(bound, -1, extent - 1);
}

bool evenly_spaced(const std::vector<std::int64_t>& positions) {
  const std::int64_t step = positions[1] - positions[0];
  for (std::size_t i = 2; i < positions.size(); ++i) {
    if (positions[i] - positions[i - 1] != step) return false;
  }
  return step != 0;
}

}  // namespace

Selection resolve(const Slice& slice, std::int64_t extent) {
  if (slice.step == 0) throw IndexError("the step of a slice must not be zero");
  const bool forward = slice.step > 0;
  // A step beyond the extent picks one position at most: limiting it changes nothing and cannot overflow.
  const std::int64_t limit = std::max<std::int64_t>(extent, 1);
  Selection result;
  result.step = std::clamp(slice.step, -limit, limit);
  result.start = slice.start ? clip_bound(*slice.start, extent, forward) : (forward ? 0 : extent - 1);
  const std::int64_t stop = slice.stop ? clip_bound(*slice.stop, extent, forward) : (forward ? extent : -1);
  const std::int64_t span = forward ? stop - result.start : result.start - stop;
  const std::int64_t stride = forward ? result.step : -result.step;
  result.count = span > 0 ? (span + stride - 1) / stride : 0;
  if (result.count == 0) result.start = 0;
  if (result.count <= 1) result.step = 1;
  return result;
}

std::int64_t resolve_position(std::int64_t position, std::int64_t axis, const Shape& shape,
                              std::string_view prefix) {
  const std::int64_t extent = shape[axis];
  if (position >= 0 ? position < extent : position >= -extent)
    return position < 0 ? position + extent : position;
  throw IndexError(std::string(prefix) + "index " + std::to_string(position) + " is out of bounds for axis " +
                   std::to_string(axis) + " with extent " + std::to_string(extent) +
                   "; the array has shape " + to_string(shape));
}

expr::AxisMap pick(const std::vector<std::int64_t>& positions, std::int64_t axis, const Shape& shape,
                   std::int64_t output_axis, std::int64_t extent, std::string_view prefix) {
  auto resolved = std::make_shared<std::vector<std::int64_t>>(positions);
  for (std::int64_t& position : *resolved) position = resolve_position(position, axis, shape, prefix);
  if (resolved->empty() || extent == 0) return {output_axis, 0, 1, nullptr};
  const std::int64_t first = resolved->front();
  if (resolved->size() == 1) {
    return extent == 1 ? expr::AxisMap{output_axis, first, 1, nullptr} : expr::AxisMap{-1, first, 0, nullptr};
  }
  if (evenly_spaced(*resolved)) return {output_axis, first, (*resolved)[1] - first, nullptr};
  return {output_axis, 0, 0, std::move(resolved)};
}

Array with_axes(const Array& x, std::int64_t axis, const Shape& shape) {
  Shape varying = x.shape();
  varying.erase(axis);
  std::int64_t place = axis;
  for (const std::int64_t extent : shape) {
    if (extent != 1) varying.insert(place++, extent);
  }
  const Array reshaped = place > axis ? reshape(x, varying) : x;
  // Axes of extent 1 are added by a view, so that no other axis is taken for one of them.
  Shape whole;
  std::vector<expr::AxisMap> maps;
  const auto follow = [&](std::int64_t extent) {
    maps.push_back({whole.size(), 0, 1, nullptr});
    whole.push_back(extent);
  };
  for (std::int64_t i = 0; i < axis; ++i) follow(x.shape()[i]);
  if (place == axis) maps.emplace_back();  // the one position that there is
  for (const std::int64_t extent : shape) extent != 1 ? follow(extent) : whole.push_back(1);
  for (std::int64_t i = axis + 1; i < x.ndim(); ++i) follow(x.shape()[i]);
  return Array(expr::make_view(reshaped.node(), expr::IndexMap(whole, std::move(maps))));
}

}  // namespace varve::api
