#pragma once

#include <vector>

#include "expr/node.hpp"
#include "varve/array.hpp"
#include "varve/creation.hpp"

namespace varve::test {

/// Makes an array that nothing can compute: only its shape, dtype and the views of it matter.
inline Array opaque(const Shape& shape, DType dtype = DType::float64) {
  return from_function(shape, dtype, [](const Box&, const StridedView&) {});
}

/// Returns, for each element of a view of `source` (or of `source` itself) in C order, the C-order position
/// in `source` that it shows; -1 where the view leaves the source.
inline std::vector<std::int64_t> positions_in(const Array& source, const Array& viewed) {
  const Shape& shape = viewed.shape();
  std::vector<std::int64_t> result;
  if (element_count(shape) == 0) return result;
  const auto* view = viewed.node()->as<expr::View>();
  const expr::IndexMap map = view == nullptr ? expr::IndexMap::identity(shape) : view->map;
  Index out(shape.size(), 0);
  do {
    std::int64_t position = 0;
    bool inside = map.input_ndim() == source.ndim() && map.output_shape() == shape;
    for (std::int64_t axis = 0; inside && axis < source.ndim(); ++axis) {
      const expr::AxisMap& from = map.axes()[static_cast<std::size_t>(axis)];
      const std::int64_t coordinate = from.at(from.is_constant() ? 0 : out[from.output_axis]);
      inside = coordinate >= 0 && coordinate < source.shape()[axis];
      position = position * source.shape()[axis] + coordinate;
    }
    result.push_back(inside ? position : -1);
  } while (next_index(out, shape));
  return result;
}

}  // namespace varve::test
