#include <limits>

#include "api/apply.hpp"
#include "api/operand.hpp"
#include "varve/elementwise.hpp"

namespace varve {

using api::apply;
using api::argument_of;
using api::node_of;
using Op = kernels::ElementwiseOp;

namespace {

// The dtype in which differences are taken: floating, so that unsigned integers do not wrap, and at least
// float32.
Array widened(const Operand& x, DType together) {
  const DType dtype = to_floating(together);
  return Array(ops::as_node(argument_of(x), dtype == DType::float16 ? DType::float32 : dtype));
}

double largest_finite(DType dtype) {
  constexpr double kLargestHalf = 65504.0;
  if (dtype == DType::float16) return kLargestHalf;
  return real_of(dtype) == DType::float32 ? double{std::numeric_limits<float>::max()}
                                          : std::numeric_limits<double>::max();
}

}  // namespace

Array where(const Operand& condition, const Operand& x1, const Operand& x2) {
  return Array(ops::elementwise(Op::where, {argument_of(condition), argument_of(x1), argument_of(x2)}));
}

Array clip(const Operand& x, const std::optional<Operand>& min, const std::optional<Operand>& max) {
  if (min && max)
    return Array(ops::elementwise(Op::clip, {argument_of(x), argument_of(*min), argument_of(*max)}));
  if (min) return apply(Op::maximum, x, *min);
  return max ? apply(Op::minimum, x, *max) : Array(node_of(x));
}

Array isclose(const Operand& x1, const Operand& x2, const IsCloseOptions& options) {
  const DType together = ops::promote_arguments({argument_of(x1), argument_of(x2)});
  const Array a = widened(x1, together);
  const Array b = widened(x2, together);
  const Array near = abs(a - b) <= options.atol + options.rtol * abs(b);
  // Infinities pass no tolerance: they are close only if equal.
  const Array close = (near && isfinite(a) && isfinite(b)) || a == b;
  return options.equal_nan ? close || (isnan(a) && isnan(b)) : close;
}

Array nan_to_num(const Operand& x, const NanToNumOptions& options) {
  const expr::NodePtr node = node_of(x);
  if (!is_floating(node->dtype) && !is_complex(node->dtype)) return Array(node);
  const double largest = largest_finite(node->dtype);
  return Array(
      ops::elementwise(Op::nan_to_num, {node, Scalar(options.nan), Scalar(options.posinf.value_or(largest)),
                                        Scalar(options.neginf.value_or(-largest))}));
}

}  // namespace varve
