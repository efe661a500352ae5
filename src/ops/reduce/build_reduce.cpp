#include <algorithm>
#include <numeric>

#include "expr/natural_chunks.hpp"
#include "ops/build.hpp"
#include "ops/reduce/reduce_table.hpp"

namespace varve::ops {
namespace {

std::vector<std::int64_t> normalize_axes(const std::optional<std::vector<std::int64_t>>& axes,
                                         const Shape& shape, const std::string& name) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(shape.size()));
  std::iota(result.begin(), result.end(), 0);
  if (!axes) return result;
  result.clear();
  for (const std::int64_t axis : *axes) result.push_back(normalize_axis(axis, shape.size(), name));
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    throw ShapeError(name + ": an axis is repeated; name each axis of the shape " + to_string(shape) +
                     " once");
  }
  return result;
}

void require_elements(const ReduceRow& row, const expr::NodePtr& input,
                      const std::vector<std::int64_t>& axes) {
  if (!row.needs_elements) return;
  for (const std::int64_t axis : axes) {
    if (input->shape[axis] == 0) {
      throw ShapeError(std::string(row.name) + ": nothing to reduce, axis " + std::to_string(axis) +
                       " of the shape " + to_string(input->shape) +
                       " is empty; reduce over axes that have elements");
    }
  }
}

// Puts axes of extent 1 back where they were.
expr::NodePtr keep_dims(const expr::NodePtr& reduced, const Shape& full,
                        const std::vector<std::int64_t>& axes) {
  Shape shape = full;
  for (const std::int64_t axis : axes) shape[axis] = 1;
  std::vector<expr::AxisMap> maps;
  for (std::int64_t axis = 0; axis < full.size(); ++axis) {
    if (!std::binary_search(axes.begin(), axes.end(), axis)) maps.push_back({axis, 0, 1, nullptr});
  }
  return expr::make_view(reduced, expr::IndexMap(shape, std::move(maps)));
}

// The number of elements that each result counts, as an array of the result's shape.
expr::NodePtr count_all(const expr::NodePtr& input, const std::vector<std::int64_t>& axes) {
  std::int64_t count = 1;
  for (const std::int64_t axis : axes)
    count = checked_multiply(count, input->shape[axis], "nancount: the count is");
  const ChunkGrid grid = expr::reduce_grid(input->grid, axes);
  return expr::make_constant(grid.shape(), DType::int64, Scalar(count), grid);
}

bool has_nan(DType dtype) { return is_floating(dtype) || is_complex(dtype); }

}  // namespace

expr::NodePtr reduce(kernels::ReduceOp op, const expr::NodePtr& array, const ReduceRequest& request) {
  const ReduceRow* row = &reduce_row(op);
  const std::string name(row->name);
  const std::vector<std::int64_t> axes = normalize_axes(request.axes, array->shape, name);
  require_elements(*row, array, axes);
  expr::NodePtr input = request.dtype ? expr::make_cast(array, *request.dtype) : array;
  const DType asked = input->dtype;
  if (asked == DType::float16) input = expr::make_cast(input, DType::float32);
  if (row->plain && !has_nan(asked)) row = &reduce_row(*row->plain);

  expr::NodePtr result;
  if (op == kernels::ReduceOp::nancount && !has_nan(asked)) {
    result = count_all(input, axes);
  } else {
    const kernels::ReduceKernel* kernel = kernels::find_reduce(row->op, input->dtype);
    if (kernel == nullptr) {
      throw DTypeError(name + " is not defined for " + std::string(name_of(asked)) +
                       "; the array has shape " + to_string(array->shape));
    }
    result = expr::make_reduce(row->op, kernel->output_dtype, input, axes, request.correction);
  }
  if (request.keepdims) result = keep_dims(result, array->shape, axes);
  if (request.dtype) return expr::make_cast(result, *request.dtype);
  if (asked == DType::float16 && row->rounds_to_half) return expr::make_cast(result, DType::float16);
  return result;
}

}  // namespace varve::ops
