#include <algorithm>

#include "expr/natural_chunks.hpp"
#include "ops/build.hpp"
#include "ops/elementwise/elementwise_table.hpp"

namespace varve::ops {
namespace {

DType compute_dtype_of(DTypeRule rule, DType promoted) {
  const DType dtype = rule == DTypeRule::floating ? to_floating(promoted) : promoted;
  // float16 is a storage type; choosing between values needs no arithmetic on them.
  return dtype == DType::float16 && rule != DTypeRule::select ? DType::float32 : dtype;
}

DType kernel_output(DTypeRule rule, DType compute) {
  if (rule == DTypeRule::predicate) return DType::boolean;
  return rule == DTypeRule::magnitude ? real_of(compute) : compute;
}

expr::NodePtr stretch(const expr::NodePtr& node, const Shape& shape) {
  return expr::make_view(node, expr::IndexMap::broadcast(node->shape, shape));
}

}  // namespace

std::string describe(const std::vector<Argument>& arguments) {
  std::string text;
  for (const Argument& argument : arguments) {
    if (!text.empty()) text += ", ";
    if (const auto* node = std::get_if<expr::NodePtr>(&argument)) {
      text += std::string(name_of((*node)->dtype)) + " " + to_string((*node)->shape);
    } else {
      text += "scalar " + to_string(std::get<Scalar>(argument));
    }
  }
  return text;
}

DType promote_arguments(const std::vector<Argument>& arguments) {
  std::optional<DType> dtype;
  std::vector<Scalar> scalars;
  for (const Argument& argument : arguments) {
    if (const auto* node = std::get_if<expr::NodePtr>(&argument)) {
      dtype = dtype ? promote_types(*dtype, (*node)->dtype) : (*node)->dtype;
    } else {
      scalars.push_back(std::get<Scalar>(argument));
    }
  }
  // The highest kind first: an integer need not fit the arrays' integer dtype where a floating number is
  // beside it.
  const auto kind = [](const Scalar& scalar) { return kind_of(scalar.default_dtype()); };
  std::stable_sort(scalars.begin(), scalars.end(),
                   [&](const Scalar& left, const Scalar& right) { return kind(left) > kind(right); });
  const bool only_scalars = !dtype;
  for (const Scalar& scalar : scalars) {
    if (only_scalars) {
      dtype = dtype ? promote_types(*dtype, scalar.default_dtype()) : scalar.default_dtype();
    } else {
      dtype = promote_with_scalar(*dtype, scalar);
    }
  }
  return *dtype;
}

expr::NodePtr as_node(const Argument& argument, DType dtype) {
  if (const auto* node = std::get_if<expr::NodePtr>(&argument)) return expr::make_cast(*node, dtype);
  return expr::make_constant({}, dtype, std::get<Scalar>(argument), ChunkGrid(Shape{}, Shape{}));
}

expr::NodePtr elementwise(kernels::ElementwiseOp op, const std::vector<Argument>& arguments) {
  const ElementwiseRow& row = elementwise_row(op);
  const std::string name(row.name);
  if (static_cast<int>(arguments.size()) != row.arity) {
    throw Error("internal error: " + name + " takes " + std::to_string(row.arity) + " operands, not " +
                std::to_string(arguments.size()));
  }
  const bool selects = row.rule == DTypeRule::select;
  const std::vector<Argument> typed(arguments.begin() + (selects ? 1 : 0), arguments.end());
  DType promoted = DType::float64;
  try {
    promoted = promote_arguments(typed);
  } catch (const DTypeError& error) {
    throw DTypeError(name + ": " + error.what());
  }
  const DType compute = compute_dtype_of(row.rule, promoted);
  if (selects && promote_arguments({arguments[0]}) != DType::boolean) {
    throw DTypeError(name + ": the condition must be bool; operands: " + describe(arguments));
  }
  if (kernels::find_elementwise(op, compute) == nullptr) {
    throw DTypeError(name + " is not defined for " + std::string(name_of(compute)) +
                     "; operands: " + describe(arguments));
  }
  std::vector<expr::NodePtr> inputs;
  Shape shape;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    inputs.push_back(as_node(arguments[i], selects && i == 0 ? DType::boolean : compute));
    shape = broadcast_shapes(shape, inputs.back()->shape, name);
  }
  for (expr::NodePtr& input : inputs) input = stretch(input, shape);
  const DType output = kernel_output(row.rule, compute);
  const expr::NodePtr node = expr::make_elementwise(op, compute, output, std::move(inputs));
  const bool back_to_half = promoted == DType::float16 && output == DType::float32;
  return back_to_half ? expr::make_cast(node, DType::float16) : node;
}

}  // namespace varve::ops
