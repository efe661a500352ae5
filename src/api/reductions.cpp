#include "varve/reductions.hpp"

#include "ops/build.hpp"

namespace varve {

using Op = kernels::ReduceOp;

namespace {

Array fold(Op op, const Array& x, const ReduceOptions& options) {
  return Array(ops::reduce(op, x.node(), {.axes = options.axis.value(), .keepdims = options.keepdims}));
}

Array fold(Op op, const Array& x, const SumOptions& options) {
  return Array(ops::reduce(
      op, x.node(), {.axes = options.axis.value(), .keepdims = options.keepdims, .dtype = options.dtype}));
}

Array fold(Op op, const Array& x, const VarianceOptions& options) {
  return Array(ops::reduce(
      op, x.node(),
      {.axes = options.axis.value(), .keepdims = options.keepdims, .correction = options.correction}));
}

Array fold(Op op, const Array& x, const ArgOptions& options) {
  ops::ReduceRequest request{.keepdims = options.keepdims};
  if (options.axis) request.axes = std::vector<std::int64_t>{*options.axis};
  return Array(ops::reduce(op, x.node(), request));
}

}  // namespace

Array sum(const Array& x, const SumOptions& options) { return fold(Op::sum, x, options); }
Array prod(const Array& x, const SumOptions& options) { return fold(Op::prod, x, options); }
Array min(const Array& x, const ReduceOptions& options) { return fold(Op::min, x, options); }
Array max(const Array& x, const ReduceOptions& options) { return fold(Op::max, x, options); }
Array mean(const Array& x, const ReduceOptions& options) { return fold(Op::mean, x, options); }
Array var(const Array& x, const VarianceOptions& options) { return fold(Op::var, x, options); }
Array std(const Array& x, const VarianceOptions& options) { return fold(Op::std, x, options); }
Array any(const Array& x, const ReduceOptions& options) { return fold(Op::any, x, options); }
Array all(const Array& x, const ReduceOptions& options) { return fold(Op::all, x, options); }
Array count_nonzero(const Array& x, const ReduceOptions& options) {
  return fold(Op::count_nonzero, x, options);
}
Array argmin(const Array& x, const ArgOptions& options) { return fold(Op::argmin, x, options); }
Array argmax(const Array& x, const ArgOptions& options) { return fold(Op::argmax, x, options); }

Array nansum(const Array& x, const SumOptions& options) { return fold(Op::nansum, x, options); }
Array nanprod(const Array& x, const SumOptions& options) { return fold(Op::nanprod, x, options); }
Array nanmin(const Array& x, const ReduceOptions& options) { return fold(Op::nanmin, x, options); }
Array nanmax(const Array& x, const ReduceOptions& options) { return fold(Op::nanmax, x, options); }
Array nanmean(const Array& x, const ReduceOptions& options) { return fold(Op::nanmean, x, options); }
Array nanvar(const Array& x, const VarianceOptions& options) { return fold(Op::nanvar, x, options); }
Array nanstd(const Array& x, const VarianceOptions& options) { return fold(Op::nanstd, x, options); }
Array nanargmin(const Array& x, const ArgOptions& options) { return fold(Op::nanargmin, x, options); }
Array nanargmax(const Array& x, const ArgOptions& options) { return fold(Op::nanargmax, x, options); }
Array nancount(const Array& x, const ReduceOptions& options) { return fold(Op::nancount, x, options); }

}  // namespace varve
