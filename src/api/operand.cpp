#include "api/operand.hpp"

namespace varve::api {

ops::Argument argument_of(const Operand& operand) {
  if (const Array* array = operand.array()) return array->node();
  return *operand.scalar();
}

expr::NodePtr node_of(const Operand& operand) {
  if (const Array* array = operand.array()) return array->node();
  return ops::as_node(*operand.scalar(), operand.scalar()->default_dtype());
}

Array apply(kernels::ElementwiseOp op, const Operand& x) {
  return Array(ops::elementwise(op, {argument_of(x)}));
}

Array apply(kernels::ElementwiseOp op, const Operand& x1, const Operand& x2) {
  return Array(ops::elementwise(op, {argument_of(x1), argument_of(x2)}));
}

Array full_like(const expr::NodePtr& like, const Scalar& value, DType dtype) {
  return Array(expr::make_constant(like->shape, dtype, value, like->grid));
}

}  // namespace varve::api
