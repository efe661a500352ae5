#include "varve/scans.hpp"

#include "api/axis_list.hpp"
#include "ops/scan/scan.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

using kernels::ScanOp;

std::int64_t scanned_axis(const Array& x, const ScanOptions& options, const std::string& name) {
  if (options.axis) return api::axis_of(*options.axis, x, name);
  if (x.ndim() == 1) return 0;
  throw ShapeError(name + ": the array of shape " + to_string(x.shape()) +
                   " is not 1-d; give the axis to run along");
}

// The dtype that sums have.
DType total_dtype(DType dtype) {
  switch (kind_of(dtype)) {
    case DTypeKind::boolean:
    case DTypeKind::signed_integer:
      return DType::int64;
    case DTypeKind::unsigned_integer:
      return DType::uint64;
    default:
      return dtype;
  }
}

// Bits that are scanned as truth values have no total; float16 is computed in float32.
Array running(ScanOp op, const Array& x, DType dtype, const ScanOptions& options, const Scalar& identity,
              const std::string& name) {
  const std::int64_t axis = scanned_axis(x, options, name);
  const DType computed = dtype == DType::float16 ? DType::float32 : dtype;
  if (kernels::find_scan(op, computed) == nullptr) {
    throw DTypeError(name + " is not defined for " + std::string(name_of(dtype)) + "; the array has shape " +
                     to_string(x.shape()));
  }
  expr::NodePtr result = ops::scan(op, expr::make_cast(x.node(), computed), axis);
  if (options.include_initial) result = ops::with_initial(result, axis, identity);
  return Array(expr::make_cast(result, dtype));
}

}  // namespace

Array cumulative_sum(const Array& x, const ScanOptions& options) {
  const DType dtype = options.dtype.value_or(total_dtype(x.dtype()));
  return running(ScanOp::sum, x, dtype, options, 0, "cumulative_sum");
}

Array cumulative_prod(const Array& x, const ScanOptions& options) {
  const DType dtype = options.dtype.value_or(total_dtype(x.dtype()));
  return running(ScanOp::prod, x, dtype, options, 1, "cumulative_prod");
}

Array cumulative_max(const Array& x, const ScanOptions& options) {
  if (options.include_initial)
    throw ArgumentError("cumulative_max: nothing has no largest element; leave include_initial out");
  return running(ScanOp::max, x, options.dtype.value_or(x.dtype()), options, 0, "cumulative_max");
}

}  // namespace varve
