#include "varve/manipulation.hpp"

#include <algorithm>

#include "api/axis_list.hpp"
#include "api/selection.hpp"
#include "expr/node.hpp"
#include "varve/rearranging.hpp"

namespace varve {
namespace {

using Integers = std::vector<std::int64_t>;

std::int64_t& at(Integers& values, std::int64_t i) { return values[static_cast<std::size_t>(i)]; }
std::int64_t size_of(const Integers& values) { return static_cast<std::int64_t>(values.size()); }

Array view_of(const Array& x, const Shape& shape, std::vector<expr::AxisMap> maps) {
  return Array(expr::make_view(x.node(), expr::IndexMap(shape, std::move(maps))));
}

std::vector<expr::AxisMap> identity_maps(const Array& x) {
  return expr::IndexMap::identity(x.shape()).axes();
}

expr::AxisMap& at(std::vector<expr::AxisMap>& maps, std::int64_t axis) {
  return maps[static_cast<std::size_t>(axis)];
}

Integers all_axes(const Array& x) { return api::axis_list({}, x, ""); }

// Axis i of the result is axis order[i] of x; `order` is a permutation.
Array reorder(const Array& x, const Integers& order) {
  Shape shape(x.ndim(), 0);
  std::vector<expr::AxisMap> maps(order.size());
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    const std::int64_t source = order[static_cast<std::size_t>(axis)];
    shape[axis] = x.shape()[source];
    at(maps, source) = {axis, 0, 1, nullptr};
  }
  return view_of(x, shape, std::move(maps));
}

}  // namespace

Array permute_dims(const Array& x, const Axes& axes) {
  const Integers order = api::axis_list(axes, x, "permute_dims");
  if (size_of(order) != x.ndim()) {
    throw ShapeError("permute_dims: " + std::to_string(order.size()) + " axes given for the shape " +
                     to_string(x.shape()) + "; name each axis once");
  }
  return reorder(x, order);
}

Array transpose(const Array& x) {
  Integers reversed = all_axes(x);
  std::reverse(reversed.begin(), reversed.end());
  return reorder(x, reversed);
}

Array matrix_transpose(const Array& x) {
  if (x.ndim() < 2)
    throw ShapeError("matrix_transpose: needs two axes or more, got shape " + to_string(x.shape()));
  return swapaxes(x, -2, -1);
}

Array moveaxis(const Array& x, const Axes& source, const Axes& destination) {
  const Integers from = api::axis_list(source, x, "moveaxis");
  const Integers to = api::axis_list(destination, x, "moveaxis");
  if (from.size() != to.size()) {
    throw ShapeError("moveaxis: " + std::to_string(from.size()) + " source and " + std::to_string(to.size()) +
                     " destination axes; give as many of each");
  }
  constexpr std::int64_t kFree = -1;
  Integers order(static_cast<std::size_t>(x.ndim()), kFree);
  for (std::size_t i = 0; i < from.size(); ++i) at(order, to[i]) = from[i];
  std::int64_t next = 0;
  for (std::int64_t& place : order) {
    if (place != kFree) continue;
    while (std::find(from.begin(), from.end(), next) != from.end()) ++next;
    place = next++;
  }
  return reorder(x, order);
}

Array swapaxes(const Array& x, const Axis& axis1, const Axis& axis2) {
  Integers order = all_axes(x);
  std::swap(at(order, api::axis_of(axis1, x, "swapaxes")), at(order, api::axis_of(axis2, x, "swapaxes")));
  return reorder(x, order);
}

Array flip(const Array& x, const Axes& axis) {
  std::vector<expr::AxisMap> maps = identity_maps(x);
  for (const std::int64_t flipped : api::axis_list(axis, x, "flip")) {
    const std::int64_t extent = x.shape()[flipped];
    if (extent > 1) at(maps, flipped) = {flipped, extent - 1, -1, nullptr};
  }
  return view_of(x, x.shape(), std::move(maps));
}

Array rot90(const Array& x, std::int64_t k, const Axes& axes) {
  const Integers plane = api::axis_list(axes, x, "rot90");
  if (plane.size() != 2) {
    throw ShapeError("rot90: needs two axes, got " + std::to_string(plane.size()) + "; the array has shape " +
                     to_string(x.shape()));
  }
  const std::int64_t turns = ((k % 4) + 4) % 4;
  if (turns == 0) return x;
  if (turns == 2) return flip(x, plane);
  if (turns == 1) return swapaxes(flip(x, plane[1]), plane[0], plane[1]);
  return flip(swapaxes(x, plane[0], plane[1]), plane[1]);
}

Array expand_dims(const Array& x, const Axes& axis) {
  if (!axis.value())
    throw ShapeError("expand_dims: no axis is named; say where in the result the new axes stand");
  const std::vector<Axis>& axes = *axis.value();
  const std::int64_t ndim = x.ndim() + static_cast<std::int64_t>(axes.size());
  Integers places;
  for (const Axis& place : axes) {
    if (place.name() != nullptr)
      throw ShapeError("expand_dims: a new axis has no name yet; give its number, and its name by with_dims");
    places.push_back(normalize_axis(place.number(), ndim, "expand_dims"));
  }
  std::sort(places.begin(), places.end());
  if (std::adjacent_find(places.begin(), places.end()) != places.end()) {
    throw ShapeError("expand_dims: an axis is repeated; name each new axis of the " + std::to_string(ndim) +
                     " of the result once");
  }
  Shape shape = x.shape();
  std::vector<expr::AxisMap> maps = identity_maps(x);
  for (const std::int64_t place : places) {
    shape.insert(place, 1);
    for (expr::AxisMap& map : maps) map.output_axis += map.output_axis >= place ? 1 : 0;
  }
  return view_of(x, shape, std::move(maps));
}

Array squeeze(const Array& x, const Axes& axis) {
  Integers removed = api::axis_list(axis, x, "squeeze");
  if (!axis.value()) std::erase_if(removed, [&x](std::int64_t i) { return x.shape()[i] != 1; });
  Shape shape;
  std::vector<expr::AxisMap> maps;
  for (std::int64_t i = 0; i < x.ndim(); ++i) {
    if (std::find(removed.begin(), removed.end(), i) == removed.end()) {
      maps.push_back({shape.size(), 0, 1, nullptr});
      shape.push_back(x.shape()[i]);
    } else if (x.shape()[i] == 1) {
      maps.push_back({-1, 0, 0, nullptr});
    } else {
      throw ShapeError("squeeze: axis " + std::to_string(i) + " of the shape " + to_string(x.shape()) +
                       " has an extent other than 1");
    }
  }
  return view_of(x, shape, std::move(maps));
}

Array broadcast_to(const Array& x, const Shape& shape) {
  static_cast<void>(element_count(shape));
  if (x.ndim() > shape.size() || !(broadcast_shapes(x.shape(), shape, "broadcast_to") == shape)) {
    throw ShapeError("broadcast_to: the shape " + to_string(x.shape()) + " does not broadcast to " +
                     to_string(shape));
  }
  return Array(expr::make_view(x.node(), expr::IndexMap::broadcast(x.shape(), shape)));
}

std::vector<Array> broadcast_arrays(const std::vector<Array>& arrays) {
  Shape shape;
  for (const Array& array : arrays) shape = broadcast_shapes(shape, array.shape(), "broadcast_arrays");
  std::vector<Array> results;
  for (const Array& array : arrays) results.push_back(broadcast_to(array, shape));
  return results;
}

Array diagonal(const Array& x, std::int64_t offset, const Axis& axis1, const Axis& axis2) {
  if (x.ndim() < 2) throw ShapeError("diagonal: needs two axes or more, got shape " + to_string(x.shape()));
  const Integers plane = api::axis_list({axis1, axis2}, x, "diagonal");
  const std::int64_t rows = x.shape()[plane[0]];
  const std::int64_t columns = x.shape()[plane[1]];
  // Limited first: offsets beyond the matrix give nothing, and must not overflow.
  const std::int64_t shift = std::clamp(offset, -rows, columns);
  const std::int64_t row = std::max<std::int64_t>(-shift, 0);
  const std::int64_t column = std::max<std::int64_t>(shift, 0);
  const std::int64_t length = std::max<std::int64_t>(std::min(rows - row, columns - column), 0);
  Shape shape;
  std::vector<expr::AxisMap> maps(static_cast<std::size_t>(x.ndim()));
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    if (axis == plane[0] || axis == plane[1]) continue;
    at(maps, axis) = {shape.size(), 0, 1, nullptr};
    shape.push_back(x.shape()[axis]);
  }
  at(maps, plane[0]) = {shape.size(), length > 0 ? row : 0, 1, nullptr};
  at(maps, plane[1]) = {shape.size(), length > 0 ? column : 0, 1, nullptr};
  shape.push_back(length);
  return view_of(x, shape, std::move(maps));
}

Array take(const Array& x, const std::vector<std::int64_t>& indices, const Axis& axis) {
  const std::int64_t place = api::axis_of(axis, x, "take");
  Shape shape = x.shape();
  shape[place] = size_of(indices);
  std::vector<expr::AxisMap> maps = identity_maps(x);
  at(maps, place) = api::pick(indices, place, x.shape(), place, size_of(indices), "take: ");
  return view_of(x, shape, std::move(maps));
}

Array take(const Array& x, const Positions& indices, const std::optional<Axis>& axis) {
  if (!axis) return take(ravel(x), indices, 0);
  const std::int64_t place = api::axis_of(*axis, x, "take");
  const Array listed = take(x, indices.values(), place);
  return api::with_axes(listed, place, indices.shape());
}

Array rechunk(const Array& x, const Shape& chunks) {
  Shape extents = chunks;
  bool fits = chunks.size() == x.ndim();
  for (std::int64_t axis = 0; fits && axis < x.ndim(); ++axis) {
    if (extents[axis] == -1) extents[axis] = std::max<std::int64_t>(x.shape()[axis], 1);
    fits = extents[axis] > 0;
  }
  if (!fits) {
    throw ShapeError("rechunk: chunks " + to_string(chunks) + " do not fit the shape " +
                     to_string(x.shape()) + "; give one positive extent, or -1 for the whole axis, per axis");
  }
  return Array(expr::with_grid(x.node(), ChunkGrid(x.shape(), extents)));
}

}  // namespace varve
