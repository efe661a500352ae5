#include "api/reductions.hpp"

#include "api/axis_list.hpp"
#include "ops/build.hpp"
#include "ops/reduce/reduce_table.hpp"

namespace varve {

using Op = kernels::ReduceOp;
using api::reduce;

namespace {

auto axes_of(Op op, const Axes& axes, const Array& x) {
  return api::axis_numbers(axes, x, std::string(ops::reduce_row(op).name));
}

}  // namespace

Array api::reduce(Op op, const Array& x, const ReduceOptions& options) {
  return Array(
      ops::reduce(op, x.node(), {.axes = axes_of(op, options.axis, x), .keepdims = options.keepdims}));
}

Array api::reduce(Op op, const Array& x, const SumOptions& options) {
  return Array(ops::reduce(
      op, x.node(),
      {.axes = axes_of(op, options.axis, x), .keepdims = options.keepdims, .dtype = options.dtype}));
}

Array api::reduce(Op op, const Array& x, const VarianceOptions& options) {
  return Array(ops::reduce(op, x.node(),
                           {.axes = axes_of(op, options.axis, x),
                            .keepdims = options.keepdims,
                            .correction = options.correction}));
}

Array api::reduce(Op op, const Array& x, const ArgOptions& options) {
  ops::ReduceRequest request{.keepdims = options.keepdims};
  if (options.axis) request.axes = axes_of(op, std::vector<Axis>{*options.axis}, x);
  return Array(ops::reduce(op, x.node(), request));
}

Array sum(const Array& x, const SumOptions& options) { return reduce(Op::sum, x, options); }
Array prod(const Array& x, const SumOptions& options) { return reduce(Op::prod, x, options); }
Array min(const Array& x, const ReduceOptions& options) { return reduce(Op::min, x, options); }
Array max(const Array& x, const ReduceOptions& options) { return reduce(Op::max, x, options); }
Array mean(const Array& x, const ReduceOptions& options) { return reduce(Op::mean, x, options); }
Array var(const Array& x, const VarianceOptions& options) { return reduce(Op::var, x, options); }
Array stddev(const Array& x, const VarianceOptions& options) { return reduce(Op::std, x, options); }
Array any(const Array& x, const ReduceOptions& options) { return reduce(Op::any, x, options); }
Array all(const Array& x, const ReduceOptions& options) { return reduce(Op::all, x, options); }
Array count_nonzero(const Array& x, const ReduceOptions& options) {
  return reduce(Op::count_nonzero, x, options);
}
Array argmin(const Array& x, const ArgOptions& options) { return reduce(Op::argmin, x, options); }
Array argmax(const Array& x, const ArgOptions& options) { return reduce(Op::argmax, x, options); }

Array nansum(const Array& x, const SumOptions& options) { return reduce(Op::nansum, x, options); }
Array nanprod(const Array& x, const SumOptions& options) { return reduce(Op::nanprod, x, options); }
Array nanmin(const Array& x, const ReduceOptions& options) { return reduce(Op::nanmin, x, options); }
Array nanmax(const Array& x, const ReduceOptions& options) { return reduce(Op::nanmax, x, options); }
Array nanmean(const Array& x, const ReduceOptions& options) { return reduce(Op::nanmean, x, options); }
Array nanvar(const Array& x, const VarianceOptions& options) { return reduce(Op::nanvar, x, options); }
Array nanstd(const Array& x, const VarianceOptions& options) { return reduce(Op::nanstd, x, options); }
Array nanargmin(const Array& x, const ArgOptions& options) { return reduce(Op::nanargmin, x, options); }
Array nanargmax(const Array& x, const ArgOptions& options) { return reduce(Op::nanargmax, x, options); }
Array nancount(const Array& x, const ReduceOptions& options) { return reduce(Op::nancount, x, options); }

}  // namespace varve
