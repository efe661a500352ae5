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

DType dtype_of(const Operand& operand) {
  return operand.array() != nullptr ? operand.array()->dtype() : operand.scalar()->default_dtype();
}

}  // namespace varve::api
