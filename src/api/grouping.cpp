#include "api/grouping.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <numeric>

#include "api/axis_list.hpp"
#include "api/run_while_building.hpp"
#include "ops/group/group.hpp"
#include "ops/reduce/reduce_table.hpp"
#include "plan/memory_model.hpp"
#include "varve/blocks.hpp"
#include "varve/compute.hpp"
#include "varve/core/error.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"
#include "varve/rearranging.hpp"
#include "varve/selection.hpp"

namespace varve {
namespace {

using kernels::ReduceOp;
using ops::GroupFunction;

// In the order of the enumeration.
constexpr api::GroupRow kRows[] = {
    {GroupOp::sum, "sum", ReduceOp::sum},
    {GroupOp::mean, "mean", ReduceOp::mean},
    {GroupOp::min, "min", ReduceOp::min},
    {GroupOp::max, "max", ReduceOp::max},
    {GroupOp::count, "count", ReduceOp::nancount},
    {GroupOp::var, "var", ReduceOp::var},
    {GroupOp::std, "std", ReduceOp::std},
    {GroupOp::first, "first", {}},
    {GroupOp::last, "last", {}},
    {GroupOp::prod, "prod", ReduceOp::prod},
    {GroupOp::nansum, "nansum", ReduceOp::nansum},
    {GroupOp::nanmean, "nanmean", ReduceOp::nanmean},
    {GroupOp::nanmin, "nanmin", ReduceOp::nanmin},
    {GroupOp::nanmax, "nanmax", ReduceOp::nanmax},
    {GroupOp::nanvar, "nanvar", ReduceOp::nanvar},
    {GroupOp::nanstd, "nanstd", ReduceOp::nanstd},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].op != static_cast<GroupOp>(i)) return false;
  }
  return true;
}
static_assert(in_order());

const api::GroupRow& row_of(GroupOp op) { return kRows[static_cast<int>(op)]; }

GroupFunction function_of(GroupOp op, DType dtype, double correction) {
  using Kind = GroupFunction::Kind;
  const bool can_be_nan = is_floating(dtype) || is_complex(dtype);
  if (op == GroupOp::first) return {Kind::first};
  if (op == GroupOp::last) return {Kind::last};
  if (op == GroupOp::count && !can_be_nan) return {Kind::count};
  const ops::ReduceRow& row = ops::reduce_row(*row_of(op).reduce);
  GroupFunction function{Kind::reduce, can_be_nan ? row.op : row.plain.value_or(row.op)};
  if (row.form == ops::ReduceForm::spread) function.correction = correction;
  return function;
}

using Integers = std::vector<std::int64_t>;

// Returns the axes of x that those of the labels run along, in their order. Errors: ShapeError.
Integers label_axes(const Array& x, const Array& labels, const Axes& given) {
  Integers axes = api::axis_numbers(given, x, "groupby_reduce").value_or(Integers{0});
  if (!given.value() && labels.ndim() > 1 && labels.shape() == x.shape()) {
    axes.resize(static_cast<std::size_t>(x.ndim()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  Shape extents;
  for (std::int64_t& axis : axes) {
    axis = normalize_axis(axis, x.ndim(), "groupby_reduce");
    extents.push_back(x.shape()[axis]);
  }
  Integers sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  if (axes.empty() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw ShapeError("groupby_reduce: axis names each axis of the labels once");
  if (labels.shape() == extents) return axes;
  const bool spans = labels.ndim() > 1 && axes.size() == 1;
  throw ShapeError("groupby_reduce: labels of shape " + to_string(labels.shape()) + " for " +
                   (spans ? "one axis" : "axes of extents " + to_string(extents)) + " of the shape " +
                   to_string(x.shape()) +
                   (spans ? "; name as many axes, as in axis=(1, 2)" : "; give one label per row"));
}

// Brings these axes together, in the place of the first of them.
Array side_by_side(const Array& x, const Integers& axes) {
  const std::int64_t place = *std::min_element(axes.begin(), axes.end());
  Integers order;
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    if (axis == place) order.insert(order.end(), axes.begin(), axes.end());
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) order.push_back(axis);
  }
  return permute_dims(x, order);
}

// Lays them out as one.
Array joined(const Array& x, const ops::RowAxes& rows) {
  Shape shape = x.shape();
  for (std::int64_t axis = 1; axis < rows.count; ++axis) {
    shape[rows.first] *= shape[rows.first + 1];
    shape.erase(rows.first + 1);
  }
  return rows.count == 1 ? x : reshape(x, shape);
}

// Applies `of` to each element, of type T.
template <class T, class Result, class Function>
Array each(const Array& x, DType dtype, const Function& of) {
  const auto apply = [of](std::span<const ConstStridedView> in, const StridedView& out, const Block&) {
    for (std::int64_t row = 0; row < out.shape[0]; ++row) {
      T value{};
      std::memcpy(&value, in[0].data + row * in[0].byte_strides[0], sizeof value);
      const Result result = of(value);
      std::memcpy(out.data + row * out.byte_strides[0], &result, sizeof result);
    }
  };
  return map_blocks({x}, apply, {.dtype = dtype});
}

constexpr std::int64_t kNoLabel = std::numeric_limits<std::int64_t>::max();

// Integers ordered as floats are: the bits of negative ones run backwards. No number has the largest.
std::int64_t ordered_bits(double label) noexcept {
  if (std::isnan(label)) return kNoLabel;
  const auto bits = std::bit_cast<std::int64_t>(label + 0.0);  // -0.0 is 0.0
  return bits ^ ((bits >> 63) & std::numeric_limits<std::int64_t>::max());
}

// Returns int64 numbers that are ordered as the labels are: uint64 is moved down by half of its range.
Array ordered(const Array& labels) {
  if (is_floating(labels.dtype()))
    return each<double, std::int64_t>(astype(labels, DType::float64), DType::int64, ordered_bits);
  const Array keys = astype(labels, DType::int64);
  return labels.dtype() == DType::uint64 ? keys ^ std::numeric_limits<std::int64_t>::min() : keys;
}

using Numbers = std::span<const std::int32_t>;

// That many groups, for a plan that is not run: all rows in the first, in memory that is never written.
std::shared_ptr<const ops::Groups> guessed_groups(std::int64_t rows, std::int64_t count) {
  const auto size = static_cast<std::size_t>(rows);
  const std::shared_ptr<void> zeros(std::calloc(size, sizeof(std::int32_t)), std::free);
  if (!zeros) throw std::bad_alloc();
  PostponedRefusals::current()->hold(plan::pooled_bytes(rows * size_bytes(DType::int32)));
  return std::make_shared<const ops::Groups>(Numbers(static_cast<const std::int32_t*>(zeros.get()), size),
                                             count, zeros);
}

std::shared_ptr<const ops::Groups> groups_by_number(const Array& lazy, std::int64_t count) {
  const auto computed = [&] {
    const Array numbers = compute(lazy);
    const auto* first = reinterpret_cast<const std::int32_t*>(numbers.view().data);
    return std::make_shared<const ops::Groups>(Numbers(first, static_cast<std::size_t>(numbers.size())),
                                               count, numbers.node());
  };
  return api::run_while_building({lazy}, computed, [&] { return guessed_groups(lazy.size(), count); });
}

// Numbers each row by the place of its label among the distinct ones.
std::shared_ptr<const ops::Groups> numbered(const Array& labels) {
  const Array keys = ordered(labels);
  const Array values = unique_values(keys);
  const PostponedRefusals* postponed = PostponedRefusals::current();
  const bool is_guess = postponed != nullptr && postponed->any();
  Integers distinct = is_guess ? Integers{} : to_vector<std::int64_t>(values);
  if (is_floating(labels.dtype()) && !distinct.empty() && distinct.back() == kNoLabel) distinct.pop_back();
  const auto count = is_guess ? values.size() : static_cast<std::int64_t>(distinct.size());
  if (count > std::numeric_limits<std::int32_t>::max()) {
    throw ShapeError("groupby_reduce: " + std::to_string(count) + " groups; there can be 2147483647");
  }
  const auto place = [&distinct](std::int64_t key) {
    const auto found = std::lower_bound(distinct.begin(), distinct.end(), key);
    return found == distinct.end() ? std::int32_t{-1} : static_cast<std::int32_t>(found - distinct.begin());
  };
  return groups_by_number(each<std::int64_t, std::int32_t>(keys, DType::int32, place), count);
}

// Numbers each row by the interval of its label.
std::shared_ptr<const ops::Groups> binned(const Array& labels, const std::vector<double>& edges, bool right) {
  const auto count = static_cast<std::int32_t>(edges.size()) - 1;
  const auto interval = [&edges, right, count](double label) {
    const auto above = right ? std::lower_bound(edges.begin(), edges.end(), label)
                             : std::upper_bound(edges.begin(), edges.end(), label);
    const auto number = static_cast<std::int32_t>(above - edges.begin()) - 1;
    return std::isnan(label) || number >= count ? std::int32_t{-1} : number;
  };
  const Array numbers = astype(labels, DType::float64);
  return groups_by_number(each<double, std::int32_t>(numbers, DType::int32, interval), count);
}

void require_edges(const std::vector<double>& edges) {
  const auto unordered = std::adjacent_find(edges.begin(), edges.end(), [](double left, double right) {
    return !(left < right);  // also for NaN
  });
  if (edges.size() > 1 && unordered == edges.end() && edges.size() < std::size_t{1} << 31U) return;
  throw ArgumentError("groupby_reduce: bins are two edges or more, each above the one before" +
                      (unordered == edges.end() ? std::string()
                                                : ", not " + to_string(Scalar(*unordered)) + " and then " +
                                                      to_string(Scalar(*(unordered + 1)))));
}

std::string interval_text(const GroupOptions& options, std::size_t number) {
  const std::string edges =
      to_string(Scalar(options.bins[number])) + ", " + to_string(Scalar(options.bins[number + 1]));
  return options.right ? "(" + edges + "]" : "[" + edges + ")";
}

// Integers have no NaN to stand for the least of nothing.
void require_rows(const ops::Groups& groups, const GroupOptions& options, const std::string& name,
                  DType dtype) {
  if (is_floating(dtype) || is_complex(dtype)) return;
  const auto empty = std::find(groups.sizes.begin(), groups.sizes.end(), 0);
  if (empty == groups.sizes.end()) return;
  throw ArgumentError("groupby_reduce: no label lies in " +
                      interval_text(options, static_cast<std::size_t>(empty - groups.sizes.begin())) +
                      ", and " + name + " of nothing is no " + std::string(name_of(dtype)) +
                      "; cast the array to float64, which gives NaN there, or take other bins");
}

bool needs_rows(GroupOp op) {
  const auto reduce = row_of(op).reduce;
  return !reduce || ops::reduce_row(*reduce).needs_elements;
}

std::shared_ptr<const ops::Groups> groups_of(const Array& labels, const GroupOptions& options) {
  if (is_complex(labels.dtype())) {
    throw DTypeError("groupby_reduce: labels are real numbers, not " + std::string(name_of(labels.dtype())));
  }
  if (!options.bins.empty()) require_edges(options.bins);
  if (labels.size() == 0) {
    const auto count = static_cast<std::int64_t>(std::max<std::size_t>(options.bins.size(), 1)) - 1;
    return std::make_shared<const ops::Groups>(std::span<const std::int32_t>{}, count, nullptr);
  }
  try {
    return options.bins.empty() ? numbered(labels) : binned(labels, options.bins, options.right);
  } catch (const BudgetError& error) {
    throw BudgetError("groupby_reduce: the labels do not fit the budget: " + std::string(error.what()),
                      error.required_bytes());
  }
}

// What groups are without any rows.
Array without_rows(const Array& x, std::int64_t axis, std::int64_t count, GroupOp func, DType dtype) {
  Shape shape = x.shape();
  shape[axis] = count;
  const bool is_zero = func == GroupOp::count || func == GroupOp::sum || func == GroupOp::nansum;
  const double value = is_zero ? 0 : func == GroupOp::prod ? 1 : std::numeric_limits<double>::quiet_NaN();
  return full(shape, value, {.dtype = dtype});
}

}  // namespace

std::span<const api::GroupRow> api::group_rows() noexcept { return kRows; }

Array groupby_reduce(const Array& x, const Array& labels, GroupOp func, const GroupOptions& options) {
  const std::string name(row_of(func).name);
  const Integers axes = label_axes(x, labels, options.axis);
  const bool half = x.dtype() == DType::float16;
  const GroupFunction function = function_of(func, x.dtype(), options.correction);
  if (!ops::group_dtype(function, half ? DType::float32 : x.dtype())) {
    throw DTypeError("groupby_reduce: " + name + " is not defined for " + std::string(name_of(x.dtype())) +
                     "; the array has shape " + to_string(x.shape()));
  }
  const auto groups = groups_of(ravel(labels), options);
  if (needs_rows(func)) require_rows(*groups, options, name, x.dtype());
  ops::RowAxes along{*std::min_element(axes.begin(), axes.end()), static_cast<std::int64_t>(axes.size())};
  Array rows = side_by_side(half ? astype(x, DType::float32) : x, axes);
  // Which element is the first depends on the order of all.
  const bool in_order = func == GroupOp::first || func == GroupOp::last || groups->of_rows.empty();
  if (in_order) {
    rows = joined(rows, along);
    along.count = 1;
  }
  const auto count = static_cast<std::int64_t>(groups->sizes.size());
  const Array result =
      groups->of_rows.empty()
          ? without_rows(rows, along.first, count, func, *ops::group_dtype(function, rows.dtype()))
          : Array(ops::group_reduce(rows.node(), groups, along, function));
  return half && result.dtype() == DType::float32 ? astype(result, DType::float16) : result;
}

}  // namespace varve
