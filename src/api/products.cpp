#include "varve/products.hpp"

#include <algorithm>

#include "api/axis_list.hpp"
#include "expr/node.hpp"
#include "ops/build.hpp"
#include "ops/contract/contract.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"
#include "varve/reductions.hpp"

namespace varve {
namespace {

using AxisList = std::vector<std::int64_t>;

std::string shapes_of(const Array& x1, const Array& x2) {
  return to_string(x1.shape()) + " and " + to_string(x2.shape());
}

// Adds axes of extent 1 in front.
expr::NodePtr with_ndim(const expr::NodePtr& node, std::int64_t ndim) {
  Shape shape = node->shape;
  while (shape.size() < ndim) shape.insert(0, 1);
  return expr::make_view(node, expr::IndexMap::broadcast(node->shape, shape));
}

Array contract(const Array& x1, const Array& x2, const ops::ContractAxes& axes) {
  const DType dtype = promote_types(x1.dtype(), x2.dtype());
  const DType computed = dtype == DType::float16 ? DType::float32 : dtype;
  const expr::NodePtr left =
      with_ndim(expr::make_cast(x1.node(), computed), axes.batch + axes.rows + axes.depth);
  const expr::NodePtr right =
      with_ndim(expr::make_cast(x2.node(), computed), axes.batch + axes.depth + axes.columns);
  return Array(expr::make_cast(ops::contract(left, right, axes), dtype));
}

AxisList other_axes(const AxisList& axes, const Array& x) {
  AxisList result;
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) result.push_back(axis);
  }
  return result;
}

AxisList joined(AxisList first, const AxisList& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

void require_equal_extents(const Array& x1, const Array& x2, const AxisList& axes1, const AxisList& axes2) {
  for (std::size_t i = 0; i < axes1.size(); ++i) {
    if (x1.shape()[axes1[i]] == x2.shape()[axes2[i]]) continue;
    throw ShapeError("tensordot: axis " + std::to_string(axes1[i]) + " and axis " + std::to_string(axes2[i]) +
                     " of the shapes " + shapes_of(x1, x2) +
                     " have different extents; sum over axes of equal extent");
  }
}

}  // namespace

Array matmul(const Array& x1, const Array& x2) {
  if (x1.ndim() == 0 || x2.ndim() == 0) {
    throw ShapeError("matmul: needs arrays with axes, got the shapes " + shapes_of(x1, x2) +
                     "; use multiply for scalars");
  }
  ops::ContractAxes axes;
  axes.rows = std::min<std::int64_t>(x1.ndim() - 1, 1);
  axes.columns = std::min<std::int64_t>(x2.ndim() - 1, 1);
  axes.depth = 1;
  axes.batch = std::max(x1.ndim() - 1 - axes.rows, x2.ndim() - 1 - axes.columns);
  const std::int64_t inner = x2.shape()[x2.ndim() - 1 - axes.columns];
  if (x1.shape().back() != inner) {
    throw ShapeError("matmul: the inner extents " + std::to_string(x1.shape().back()) + " and " +
                     std::to_string(inner) + " of the shapes " + shapes_of(x1, x2) +
                     " differ; transpose an operand or select equal extents");
  }
  Shape leading1 = x1.shape();
  Shape leading2 = x2.shape();
  for (std::int64_t i = 0; i < 1 + axes.rows; ++i) leading1.erase(leading1.size() - 1);
  for (std::int64_t i = 0; i < 1 + axes.columns; ++i) leading2.erase(leading2.size() - 1);
  (void)broadcast_shapes(leading1, leading2, "matmul");
  return contract(x1, x2, axes);
}

Array tensordot(const Array& x1, const Array& x2, std::int64_t axes) {
  if (axes < 0 || axes > x1.ndim() || axes > x2.ndim()) {
    throw ShapeError("tensordot: cannot sum over " + std::to_string(axes) + " axes of the shapes " +
                     shapes_of(x1, x2));
  }
  AxisList axes1;
  AxisList axes2;
  for (std::int64_t i = 0; i < axes; ++i) {
    axes1.push_back(x1.ndim() - axes + i);
    axes2.push_back(i);
  }
  return tensordot(x1, x2, axes1, axes2);
}

Array tensordot(const Array& x1, const Array& x2, const Axes& axes1, const Axes& axes2) {
  const AxisList summed1 = api::axis_list(axes1, x1, "tensordot");
  const AxisList summed2 = api::axis_list(axes2, x2, "tensordot");
  if (summed1.size() != summed2.size()) {
    throw ShapeError("tensordot: " + std::to_string(summed1.size()) +
                     " axes of the first array are paired with " + std::to_string(summed2.size()) +
                     " of the second; give as many of both");
  }
  require_equal_extents(x1, x2, summed1, summed2);
  const AxisList kept1 = other_axes(summed1, x1);
  const AxisList kept2 = other_axes(summed2, x2);
  ops::ContractAxes axes;
  axes.rows = static_cast<std::int64_t>(kept1.size());
  axes.depth = static_cast<std::int64_t>(summed1.size());
  axes.columns = static_cast<std::int64_t>(kept2.size());
  return contract(permute_dims(x1, joined(kept1, summed1)), permute_dims(x2, joined(summed2, kept2)), axes);
}

Array vecdot(const Array& x1, const Array& x2, const Axis& axis) {
  const std::int64_t axis1 = api::axis_of(axis, x1, "vecdot");
  const std::int64_t axis2 = api::axis_of(axis, x2, "vecdot");
  if (x1.shape()[axis1] != x2.shape()[axis2]) {
    throw ShapeError("vecdot: axis " + (axis.name() ? *axis.name() : std::to_string(axis.number())) +
                     " has different extents in the shapes " + shapes_of(x1, x2));
  }
  const DType dtype = promote_types(x1.dtype(), x2.dtype());
  // Products of float16 overflow where their sum, or the result of smaller ones, would not.
  const bool half = dtype == DType::float16;
  const auto last = [&](const Array& x, std::int64_t from) {
    return moveaxis(half ? astype(x, DType::float32) : x, {from}, {-1});
  };
  const Array left = last(is_complex(x1.dtype()) ? conj(x1) : x1, axis1);
  const Array right = last(x2, axis2);
  (void)broadcast_shapes(left.shape(), right.shape(), "vecdot");
  if (dtype == DType::boolean) return any(logical_and(left, right), {.axis = -1});
  const Array total = sum(left * right, {.axis = -1, .dtype = half ? DType::float32 : dtype});
  return half ? astype(total, dtype) : total;
}

Array outer(const Array& x1, const Array& x2) {
  if (x1.ndim() != 1 || x2.ndim() != 1) {
    throw ShapeError("outer: needs two 1-d arrays, got the shapes " + shapes_of(x1, x2) +
                     "; use tensordot with axes=0");
  }
  return multiply(expand_dims(x1, 1), expand_dims(x2, 0));
}

}  // namespace varve
