#include "varve/grouping.hpp"

#include <cstring>

#include "ops/group.hpp"
#include "varve/compute.hpp"
#include "varve/elementwise.hpp"

namespace varve {
namespace {

using kernels::ReduceOp;
using ops::GroupFunction;

GroupFunction function_of(GroupOp op, DType dtype, double correction) {
  using Kind = GroupFunction::Kind;
  switch (op) {
    case GroupOp::sum:
      return {Kind::reduce, ReduceOp::sum};
    case GroupOp::mean:
      return {Kind::reduce, ReduceOp::mean};
    case GroupOp::min:
      return {Kind::reduce, ReduceOp::min};
    case GroupOp::max:
      return {Kind::reduce, ReduceOp::max};
    case GroupOp::var:
      return {Kind::reduce, ReduceOp::var, correction};
    case GroupOp::std:
      return {Kind::reduce, ReduceOp::std, correction};
    case GroupOp::first:
      return {Kind::first};
    case GroupOp::last:
      return {Kind::last};
    case GroupOp::count:
      break;
  }
  // Only floating numbers can be NaN; all others count.
  if (is_floating(dtype) || is_complex(dtype)) return {Kind::reduce, ReduceOp::nancount};
  return {Kind::count};
}

std::shared_ptr<const ops::Groups> groups_of(const Array& x, const Array& labels, std::int64_t axis) {
  if (labels.ndim() != 1 || labels.size() != x.shape()[axis]) {
    throw ShapeError("groupby_reduce: labels of shape " + to_string(labels.shape()) + " for axis " +
                     std::to_string(axis) + " of the shape " + to_string(x.shape()) +
                     "; give one label per row");
  }
  if (!is_integer(labels.dtype()) && labels.dtype() != DType::boolean) {
    throw DTypeError("groupby_reduce: labels are integers or bool, not " +
                     std::string(name_of(labels.dtype())) + "; convert them with astype");
  }
  std::vector<std::int64_t> rows;
  if (labels.size() > 0) {
    const Array values = compute(astype(labels, DType::int64));
    rows.reserve(static_cast<std::size_t>(labels.size()));
    for_each_element(
        [&](const std::byte* element) {
          std::int64_t label = 0;
          std::memcpy(&label, element, sizeof label);
          rows.push_back(label);
        },
        values.view());
  }
  return std::make_shared<const ops::Groups>(rows);
}

}  // namespace

Array groupby_reduce(const Array& x, const Array& labels, GroupOp func, const GroupOptions& options) {
  const std::int64_t axis = normalize_axis(options.axis, x.ndim(), "groupby_reduce");
  const bool half = x.dtype() == DType::float16;
  const expr::NodePtr input = half ? expr::make_cast(x.node(), DType::float32) : x.node();
  const GroupFunction function = function_of(func, x.dtype(), options.correction);
  if (!ops::group_dtype(function, input->dtype)) {
    throw DTypeError("groupby_reduce: the function is not defined for " + std::string(name_of(x.dtype())) +
                     "; the array has shape " + to_string(x.shape()));
  }
  const Array result(ops::group_reduce(input, groups_of(x, labels, axis), axis, function));
  return half && result.dtype() == DType::float32 ? astype(result, DType::float16) : result;
}

}  // namespace varve
