#include <algorithm>

#include "api/axis_list.hpp"
#include "api/run_while_building.hpp"
#include "kernels/sort.hpp"
#include "ops/select/select.hpp"
#include "varve/compute.hpp"
#include "varve/core/error.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/rearranging.hpp"
#include "varve/runtime.hpp"
#include "varve/selection.hpp"

namespace varve {
namespace {

// Returns what is sorted: float16 as float32, which holds all its values.
expr::NodePtr sortable(const Array& x, const std::string& name) {
  if (x.dtype() == DType::float16) return expr::make_cast(x.node(), DType::float32);
  if (kernels::find_sort(x.dtype()) != nullptr) return x.node();
  throw DTypeError(name + " is not defined for " + std::string(name_of(x.dtype())) + ", which has no order");
}

Array sorted_along(const Array& x, const SortOptions& options, bool positions, const std::string& name) {
  if (!options.axis) return sorted_along(ravel(x), {0, options.descending}, positions, name);
  const std::int64_t axis = api::axis_of(*options.axis, x, name);
  const expr::NodePtr input = sortable(x, name);
  if (x.size() == 0) return positions ? zeros(x.shape(), {.dtype = DType::int64}) : x;
  const Array result(
      ops::sort_rows(input, {.axis = axis, .descending = options.descending, .positions = positions}));
  return positions ? result : astype(result, x.dtype());
}

// Candidates are taken from blocks of the axis that are much longer than k, until one block is left.
constexpr std::int64_t kTopBlock = 16;
constexpr std::int64_t kTopRowBytes = 1 << 20;

}  // namespace

Array sort(const Array& x, const SortOptions& options) { return sorted_along(x, options, false, "sort"); }
Array argsort(const Array& x, const SortOptions& options) {
  return sorted_along(x, options, true, "argsort");
}

Array topk(const Array& x, std::int64_t k, const TopOptions& options) {
  const std::int64_t axis = api::axis_of(options.axis, x, "topk");
  const std::int64_t extent = x.shape()[axis];
  if (k < 0 || k > extent) {
    throw ShapeError("topk: " + std::to_string(k) + " elements of axis " + std::to_string(axis) +
                     " of the shape " + to_string(x.shape()) + "; give a k from 0 to its extent");
  }
  expr::NodePtr node = sortable(x, "topk");
  Shape shape = x.shape();
  shape[axis] = k;
  if (element_count(shape) == 0) return zeros(shape, {.dtype = x.dtype()});
  while (true) {
    const std::int64_t left = node->shape[axis];
    const std::int64_t chunk = node->grid.chunks()[axis];
    const std::int64_t enough = std::max(kTopBlock * k, kTopRowBytes / size_bytes(node->dtype));
    const std::int64_t block = std::min((enough + chunk - 1) / chunk * chunk, left);
    node = ops::sort_blocks(node, {axis, block, k, options.largest});
    if (block == left) break;
    node = expr::make_materialised(node);
  }
  return astype(Array(node), x.dtype());
}

namespace {

// The part of the budget that distinct values may take: while they are collected they lie in memory twice.
constexpr std::int64_t kDistinctFraction = 8;

ops::DistinctValues distinct_within(const expr::NodePtr& input, std::int64_t budget_bytes) {
  const std::int64_t all = saturating_multiply(element_count(input->shape), size_bytes(input->dtype));
  return ops::distinct_values(input, std::min(budget_bytes / kDistinctFraction, all));
}

// A larger budget makes room for more distinct values, so it needs more: looks for one that is enough.
std::int64_t enough_for_distinct(const expr::NodePtr& input, std::int64_t bytes) {
  const std::int64_t held = Runtime::current().leased_bytes();
  while (true) {
    const std::int64_t needed = api::min_budget(Array(distinct_within(input, bytes).array)) + held;
    if (needed <= bytes) return bytes;
    bytes = needed + needed / 64;
  }
}

// Nothing is known of the values before they are read: a budget up to this much should do for all of them.
constexpr std::int64_t kEnoughForUnknown = 128_MiB;

// Says what collecting needs where its plan does not fit: room for the values too, however many there are.
BudgetError with_room(const BudgetError& error, const expr::NodePtr& input) {
  const std::int64_t all = saturating_multiply(element_count(input->shape), size_bytes(input->dtype));
  const std::int64_t wanted = std::min(saturating_multiply(all, kDistinctFraction), kEnoughForUnknown);
  const std::int64_t bytes =
      enough_for_distinct(input, std::max<std::int64_t>(error.required_bytes(), wanted));
  const std::int64_t count = std::min(bytes / kDistinctFraction, all) / size_bytes(input->dtype);
  return {std::string(error.what()) + "; " + std::to_string(bytes) + " bytes have room for " +
              std::to_string(count) + " distinct values",
          bytes};
}

Array collect_distinct(const expr::NodePtr& input) {
  const Runtime& runtime = Runtime::current();
  const ops::DistinctValues distinct = distinct_within(input, runtime.memory());
  try {
    static_cast<void>(compute(Array(distinct.array)));
  } catch (const BudgetError& error) {
    if (api::min_budget(Array(distinct.array)) + runtime.leased_bytes() > runtime.memory())
      throw with_room(error, input);
    throw BudgetError(error.what(), enough_for_distinct(input, error.required_bytes()));
  }
  const std::int64_t count = static_cast<std::int64_t>(distinct.values->size()) / size_bytes(input->dtype);
  return from_memory({distinct.values->data(), input->dtype, Shape{count}}, distinct.values);
}

// As many distinct values as the budget that was asked for has room for.
Array guessed_distinct(const expr::NodePtr& input) {
  const std::int64_t bytes = PostponedRefusals::current()->required_bytes() / kDistinctFraction;
  const std::int64_t count = std::min(element_count(input->shape), bytes / size_bytes(input->dtype));
  return zeros({count}, {.dtype = input->dtype});
}

}  // namespace

Array unique_values(const Array& x) {
  const expr::NodePtr input = sortable(x, "unique_values");
  if (x.size() == 0) return zeros({0}, {.dtype = x.dtype()});
  const Array planned(distinct_within(input, Runtime::current().memory()).array);
  const Array values = api::run_while_building(
      {planned}, [&] { return collect_distinct(input); }, [&] { return guessed_distinct(input); });
  return astype(values, x.dtype());
}

}  // namespace varve
