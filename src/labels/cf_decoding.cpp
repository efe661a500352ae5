#include "labels/cf_decoding.hpp"

#include <limits>

#include "ops/build.hpp"

namespace varve::labels {

using Op = kernels::ElementwiseOp;

namespace {

// A constant of exactly that dtype: no promotion may touch a comparison with stored numbers.
expr::NodePtr constant(const Scalar& value, DType dtype) {
  return expr::make_constant({}, dtype, value, ChunkGrid(Shape{}, Shape{}));
}

// True where a value is missing; null if none can be.
expr::NodePtr mask_of(const expr::NodePtr& stored, const CfEncoding& encoding) {
  expr::NodePtr mask;
  const auto add = [&](Op op, const Scalar& value) {
    const expr::NodePtr part = ops::elementwise(op, {stored, constant(value, stored->dtype)});
    mask = mask ? ops::elementwise(Op::logical_or, {mask, part}) : part;
  };
  for (const Scalar& value : encoding.missing) add(Op::equal, value);
  if (encoding.valid_min) add(Op::less, *encoding.valid_min);
  if (encoding.valid_max) add(Op::greater, *encoding.valid_max);
  return mask;
}

}  // namespace

expr::NodePtr decode_cf(const expr::NodePtr& raw, const CfEncoding& encoding) {
  const DType dtype = encoding.decoded();
  const expr::NodePtr stored = expr::make_cast(raw, encoding.compared);
  expr::NodePtr value = expr::make_cast(stored, dtype);
  if (encoding.scale != 1) value = ops::elementwise(Op::multiply, {value, constant(encoding.scale, dtype)});
  if (encoding.offset != 0) value = ops::elementwise(Op::add, {value, constant(encoding.offset, dtype)});
  const expr::NodePtr mask = mask_of(stored, encoding);
  if (!mask) return value;
  return ops::elementwise(Op::where,
                          {mask, constant(std::numeric_limits<double>::quiet_NaN(), dtype), value});
}

}  // namespace varve::labels
