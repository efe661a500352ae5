#include <algorithm>

#include "kernels/sort.hpp"
#include "ops/select.hpp"
#include "varve/compute.hpp"
#include "varve/core/argument_error.hpp"
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
  const std::int64_t axis = normalize_axis(*options.axis, x.ndim(), name);
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
  const std::int64_t axis = normalize_axis(options.axis, x.ndim(), "topk");
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
    node = ops::sort_blocks(node, {axis, block, k, options.largest, false});
    if (block == left) break;
    node = expr::make_stored(node);
  }
  return astype(Array(node), x.dtype());
}

Array unique_values(const Array& x) {
  const expr::NodePtr input = sortable(x, "unique_values");
  if (x.size() == 0) return zeros({0}, {.dtype = x.dtype()});
  const ops::DistinctValues distinct = ops::distinct_values(
      input,
      std::min(Runtime::current().memory() / 8, saturating_multiply(x.size(), size_bytes(input->dtype))));
  static_cast<void>(compute(Array(distinct.array)));
  const std::int64_t count = static_cast<std::int64_t>(distinct.values->size()) / size_bytes(input->dtype);
  const Array values = from_memory({distinct.values->data(), input->dtype, Shape{count}}, distinct.values);
  return astype(values, x.dtype());
}

}  // namespace varve
