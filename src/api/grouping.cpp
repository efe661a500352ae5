#include "varve/grouping.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "ops/group.hpp"
#include "varve/blocks.hpp"
#include "varve/compute.hpp"
#include "varve/elementwise.hpp"
#include "varve/selection.hpp"

namespace varve {
namespace {

using kernels::ReduceOp;
using ops::GroupFunction;

GroupFunction function_of(GroupOp op, DType dtype, double correction) {
  using Kind = GroupFunction::Kind;
  const bool can_be_nan = is_floating(dtype) || is_complex(dtype);
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
    case GroupOp::prod:
      return {Kind::reduce, ReduceOp::prod};
    case GroupOp::nansum:
      return {Kind::reduce, can_be_nan ? ReduceOp::nansum : ReduceOp::sum};
    case GroupOp::nanmean:
      return {Kind::reduce, can_be_nan ? ReduceOp::nanmean : ReduceOp::mean};
    case GroupOp::nanmin:
      return {Kind::reduce, can_be_nan ? ReduceOp::nanmin : ReduceOp::min};
    case GroupOp::nanmax:
      return {Kind::reduce, can_be_nan ? ReduceOp::nanmax : ReduceOp::max};
    case GroupOp::nanvar:
      return {Kind::reduce, can_be_nan ? ReduceOp::nanvar : ReduceOp::var, correction};
    case GroupOp::nanstd:
      return {Kind::reduce, can_be_nan ? ReduceOp::nanstd : ReduceOp::std, correction};
    case GroupOp::count:
      break;
  }
  // Only floating numbers can be NaN; all others count.
  if (can_be_nan) return {Kind::reduce, ReduceOp::nancount};
  return {Kind::count};
}

constexpr const char* kNames[] = {"sum",    "mean",   "min",    "max",   "count",  "var",
                                  "std",    "first",  "last",   "prod",  "nansum", "nanmean",
                                  "nanmin", "nanmax", "nanvar", "nanstd"};

void require_labels(const Array& x, const Array& labels, std::int64_t axis) {
  if (labels.ndim() != 1 || labels.size() != x.shape()[axis]) {
    throw ShapeError("groupby_reduce: labels of shape " + to_string(labels.shape()) + " for axis " +
                     std::to_string(axis) + " of the shape " + to_string(x.shape()) +
                     "; give one label per row");
  }
  if (!is_integer(labels.dtype()) && labels.dtype() != DType::boolean) {
    throw DTypeError("groupby_reduce: labels are integers or bool, not " +
                     std::string(name_of(labels.dtype())) + "; convert them with astype");
  }
}

// Returns int64 numbers that are ordered as the labels are: uint64 is moved down by half of its range.
Array ordered(const Array& labels) {
  const Array keys = astype(labels, DType::int64);
  return labels.dtype() == DType::uint64 ? keys ^ std::numeric_limits<std::int64_t>::min() : keys;
}

// Finds the place of each key among the distinct ones.
BlockFunction numbering(const std::vector<std::int64_t>& distinct) {
  return [&distinct](std::span<const ConstStridedView> keys, const StridedView& out, const Block&) {
    for (std::int64_t row = 0; row < out.shape[0]; ++row) {
      std::int64_t key = 0;
      std::memcpy(&key, keys[0].data + row * keys[0].byte_strides[0], sizeof key);
      const auto place = std::lower_bound(distinct.begin(), distinct.end(), key) - distinct.begin();
      const auto number = static_cast<std::int32_t>(place);
      std::memcpy(out.data + row * out.byte_strides[0], &number, sizeof number);
    }
  };
}

std::shared_ptr<const ops::Groups> numbered(const Array& labels) {
  using Numbers = std::span<const std::int32_t>;
  if (labels.size() == 0) return std::make_shared<const ops::Groups>(Numbers{}, 0, nullptr);
  const Array keys = ordered(labels);
  const std::vector<std::int64_t> distinct = to_vector<std::int64_t>(unique_values(keys));
  const auto count = static_cast<std::int64_t>(distinct.size());
  if (count > std::numeric_limits<std::int32_t>::max()) {
    throw ShapeError("groupby_reduce: " + std::to_string(count) + " groups; there can be 2147483647");
  }
  const Array numbers = compute(map_blocks({keys}, numbering(distinct), {.dtype = DType::int32}));
  const auto* first = reinterpret_cast<const std::int32_t*>(numbers.view().data);
  return std::make_shared<const ops::Groups>(Numbers(first, static_cast<std::size_t>(labels.size())), count,
                                             numbers.node());
}

std::shared_ptr<const ops::Groups> groups_of(const Array& labels) {
  try {
    return numbered(labels);
  } catch (const BudgetError& error) {
    throw BudgetError("groupby_reduce: the labels do not fit the budget: " + std::string(error.what()),
                      error.required_bytes());
  }
}

}  // namespace

Array groupby_reduce(const Array& x, const Array& labels, GroupOp func, const GroupOptions& options) {
  const std::int64_t axis = normalize_axis(options.axis, x.ndim(), "groupby_reduce");
  const bool half = x.dtype() == DType::float16;
  const expr::NodePtr input = half ? expr::make_cast(x.node(), DType::float32) : x.node();
  const GroupFunction function = function_of(func, x.dtype(), options.correction);
  if (!ops::group_dtype(function, input->dtype)) {
    throw DTypeError("groupby_reduce: " + std::string(kNames[static_cast<int>(func)]) +
                     " is not defined for " + std::string(name_of(x.dtype())) + "; the array has shape " +
                     to_string(x.shape()));
  }
  require_labels(x, labels, axis);
  const Array result(ops::group_reduce(input, groups_of(labels), axis, function));
  return half && result.dtype() == DType::float32 ? astype(result, DType::float16) : result;
}

}  // namespace varve
