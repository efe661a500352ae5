#include "varve/joining.hpp"

#include "api/axis_list.hpp"
#include "expr/node.hpp"
#include "ops/build.hpp"
#include "ops/gather/concat.hpp"
#include "varve/manipulation.hpp"
#include "varve/rearranging.hpp"

namespace varve {

Array concat(const std::vector<Array>& arrays, const std::optional<Axis>& axis) {
  if (arrays.empty()) throw ShapeError("concat: no arrays; give at least one");
  if (!axis) {
    std::vector<Array> flat;
    for (const Array& array : arrays) flat.push_back(ravel(array));
    return concat(flat, 0);
  }
  const Shape& first = arrays[0].shape();
  const std::int64_t along = api::axis_of(*axis, arrays[0], "concat");
  std::vector<ops::Argument> arguments;
  for (const Array& array : arrays) {
    Shape shape = array.shape();
    const bool same_rank = shape.size() == first.size();
    if (same_rank) shape[along] = first[along];
    if (!same_rank || !(shape == first)) {
      throw ShapeError("concat: shapes " + to_string(first) + " and " + to_string(array.shape()) +
                       " differ on other axes than " + std::to_string(along));
    }
    arguments.emplace_back(array.node());
  }
  const DType dtype = ops::promote_arguments(arguments);
  std::vector<expr::NodePtr> inputs;
  for (const ops::Argument& argument : arguments) inputs.push_back(ops::as_node(argument, dtype));
  return Array(ops::concat(inputs, along));
}

Array stack(const std::vector<Array>& arrays, std::int64_t axis) {
  if (arrays.empty()) throw ShapeError("stack: no arrays; give at least one");
  const std::int64_t place = normalize_axis(axis, arrays[0].ndim() + 1, "stack");
  std::vector<Array> layers;
  for (const Array& array : arrays) {
    if (!(array.shape() == arrays[0].shape())) {
      throw ShapeError("stack: the shapes " + to_string(arrays[0].shape()) + " and " +
                       to_string(array.shape()) + " differ; broadcast them first");
    }
    layers.push_back(expand_dims(array, place));
  }
  return concat(layers, place);
}

Array hstack(const std::vector<Array>& arrays) {
  std::vector<Array> parts;
  for (const Array& array : arrays) parts.push_back(array.ndim() == 0 ? expand_dims(array) : array);
  return concat(parts, parts.empty() || parts[0].ndim() == 1 ? 0 : 1);
}

Array vstack(const std::vector<Array>& arrays) {
  std::vector<Array> rows;
  for (Array array : arrays) {
    while (array.ndim() < 2) array = expand_dims(array);
    rows.push_back(array);
  }
  return concat(rows, 0);
}

}  // namespace varve
