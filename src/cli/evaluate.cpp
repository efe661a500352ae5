#include "cli/evaluate.hpp"

#include <algorithm>
#include <limits>
#include <numbers>
#include <type_traits>

#include "api/catalogue/catalogue.hpp"
#include "api/catalogue/positions.hpp"
#include "api/catalogue/spelling.hpp"
#include "api/catalogue/subscript.hpp"
#include "cli/constant_arithmetic.hpp"
#include "cli/located_error.hpp"
#include "cli/meant_function.hpp"
#include "cli/remedies.hpp"
#include "cli/syntax.hpp"
#include "varve/manipulation.hpp"

namespace varve::cli {
namespace {

using catalogue::Function;
using catalogue::GivenArgument;
using catalogue::None;
using catalogue::Value;
using catalogue::ValueSequence;

struct Constant {
  std::string_view name;
  double value;
};
constexpr Constant kConstants[] = {{"pi", std::numbers::pi},
                                   {"e", std::numbers::e},
                                   {"inf", std::numeric_limits<double>::infinity()},
                                   {"nan", std::numeric_limits<double>::quiet_NaN()}};

// What x.name means without a call.
struct ArrayAttribute {
  std::string_view name;
  std::string_view function;
};
constexpr ArrayAttribute kAttributes[] = {
    {"T", "transpose"}, {"mT", "matrix_transpose"}, {"real", "real"}, {"imag", "imag"}};

// Names that may stand before a function, so that NumPy code can be pasted: np.mean(x).
bool is_namespace(std::string_view name) { return name == "np" || name == "numpy" || name == "xp"; }

class Evaluator {
 public:
  explicit Evaluator(const Names& inputs) : inputs_(inputs) {}

  Value operator()(const Expression& expression) const {
    return located(expression.position, [&] {
      return std::visit([&](const auto& form) { return evaluate(form, expression.position); },
                        expression.form);
    });
  }

 private:
  // Makes mistakes that are found while a part of the expression is evaluated point at that part.
  template <class Evaluate>
  static Value located(std::int64_t position, const Evaluate& evaluate) {
    try {
      return evaluate();
    } catch (const LocatedError&) {
      throw;
    } catch (const catalogue::CallError& error) {
      throw LocatedError(error.position(), error.what());
    } catch (const UserError& error) {
      throw LocatedError(position, error.what());
    }
  }

  Value evaluate(const NumberLiteral& literal, std::int64_t) const { return {literal.value}; }
  Value evaluate(const StringLiteral& literal, std::int64_t) const { return {literal.text}; }
  Value evaluate(const Dots&, std::int64_t) const { return {ellipsis}; }
  Value evaluate(const Name& name, std::int64_t position) const;
  Value evaluate(const Prefix& prefix, std::int64_t position) const;
  Value evaluate(const Binary& binary, std::int64_t position) const;
  Value combine(const Binary& binary, Value left, std::int64_t position) const;
  Value evaluate(const Attribute& attribute, std::int64_t position) const;
  Value evaluate(const Call& written, std::int64_t position) const;
  Value evaluate(const Subscript& subscript, std::int64_t position) const;
  Value evaluate(const SliceBounds& bounds, std::int64_t position) const;
  [[nodiscard]] std::optional<std::int64_t> slice_bound(const Expression* part) const;
  [[nodiscard]] Value slice_of(const Expression* start, const Expression* stop, const Expression* step) const;
  // Makes slice(1, 5) of Python what 1:5 is in brackets.
  [[nodiscard]] Value called_slice(const Call& written, std::int64_t position) const;
  Value evaluate(const TupleDisplay& tuple, std::int64_t) const { return sequence(true, tuple.items); }
  Value evaluate(const ListDisplay& list, std::int64_t) const { return sequence(false, list.items); }

  Value sequence(bool is_tuple, const std::vector<ExpressionPtr>& items) const {
    ValueSequence result{is_tuple, {}};
    for (const ExpressionPtr& item : items) result.items.push_back((*this)(*item));
    return {std::move(result)};
  }

  [[nodiscard]] bool is_namespace_use(const Expression& expression) const {
    const auto* name = std::get_if<Name>(&expression.form);
    return name && is_namespace(name->name) && !inputs_.contains(name->name);
  }
  // Returns "random." for random or np.random, where functions have such names; empty for anything else.
  [[nodiscard]] std::string module_of(const Expression& expression) const;
  const Function& function_named(std::string_view name, std::int64_t position) const;
  // What is said behind an unknown name.
  [[nodiscard]] std::string meant_name(std::string_view name) const;
  Value named_constant(std::string_view name, std::int64_t position) const;
  Value apply_operator(const Operator& op, std::vector<GivenArgument> operands, std::int64_t position) const;

  const Names& inputs_;
};

std::string Evaluator::module_of(const Expression& expression) const {
  std::string name;
  if (const auto* word = std::get_if<Name>(&expression.form)) {
    if (!inputs_.contains(word->name)) name = word->name + ".";
  } else if (const auto* attribute = std::get_if<Attribute>(&expression.form)) {
    if (is_namespace_use(*attribute->object)) name = attribute->name + ".";
  }
  const std::vector<std::string_view> known = catalogue::function_names();
  const bool is_module =
      !name.empty() && std::any_of(known.begin(), known.end(),
                                   [&](std::string_view function) { return function.starts_with(name); });
  return is_module ? name : "";
}

const Function& Evaluator::function_named(std::string_view name, std::int64_t position) const {
  if (const Function* function = catalogue::find_function(name)) return *function;
  if (inputs_.contains(name))
    throw LocatedError(position, "'" + std::string(name) + "' is an array, not a function");
  throw LocatedError(position, "unknown function '" + std::string(name) + "'" + meant_function(name));
}

Value Evaluator::named_constant(std::string_view name, std::int64_t position) const {
  if (name == "None" || name == "newaxis") return {None{}};
  if (name == "True" || name == "False") return {Scalar(name == "True")};
  for (const Constant& row : kConstants) {
    if (row.name == name) return {Scalar(row.value)};
  }
  if (name.size() > 2) {  // the short spellings ("f4") are for strings only
    if (const auto dtype = parse_dtype(name)) return {*dtype};
  }
  if (catalogue::find_function(name)) {
    throw LocatedError(position,
                       "'" + std::string(name) + "' is a function; call it: " + std::string(name) + "(x)");
  }
  throw LocatedError(position, "unknown name '" + std::string(name) + "'" + meant_name(name));
}

std::string Evaluator::meant_name(std::string_view name) const {
  std::vector<std::string_view> known = catalogue::function_names();
  for (const auto& [input, array] : inputs_) known.push_back(input);
  for (const Constant& row : kConstants) known.push_back(row.name);
  for (const std::string_view word : {"None", "True", "False", "newaxis"}) known.push_back(word);
  const std::string meant = catalogue::did_you_mean(name, known);
  if (!meant.empty()) return meant;
  if (const std::string remedy = remedy_for_name(name); !remedy.empty()) return remedy;
  std::string inputs;
  for (const auto& [input, array] : inputs_) inputs += (inputs.empty() ? "" : ", ") + input;
  return "; an array comes in with -i " + std::string(name) + "=PATH" +
         (inputs.empty() ? "" : "; there are: " + inputs);
}

Value Evaluator::evaluate(const Name& name, std::int64_t position) const {
  if (const auto input = inputs_.find(name.name); input != inputs_.end()) return {input->second};
  return named_constant(name.name, position);
}

Value Evaluator::apply_operator(const Operator& op, std::vector<GivenArgument> operands,
                                std::int64_t position) const {
  const bool has_array = std::any_of(operands.begin(), operands.end(),
                                     [](const GivenArgument& operand) { return operand.value.get<Array>(); });
  for (const GivenArgument& operand : operands) {
    const Value& value = operand.value;
    // Lists are arrays beside an array only; Python's (1,) * 3 means something else.
    const bool taken = value.get<Array>() || value.get<Scalar>() || (has_array && value.get<ValueSequence>());
    if (taken) continue;
    throw LocatedError(position,
                       "the operator " + std::string(op.symbol) + " does not take " + describe(value));
  }
  const Function* function = catalogue::find_function(op.function);
  if (!function) {
    throw LocatedError(position, "the operator " + std::string(op.symbol) + " needs the function '" +
                                     std::string(op.function) + "', which this version does not have");
  }
  return catalogue::call(*function, std::move(operands), position);
}

Value Evaluator::evaluate(const Prefix& prefix, std::int64_t position) const {
  Value operand = (*this)(*prefix.operand);
  try {
    if (const auto* number = operand.get<Scalar>()) return {fold_prefix(prefix.op->symbol, *number)};
    return apply_operator(*prefix.op, {{"", prefix.operand->position, std::move(operand)}}, position);
  } catch (const DTypeError& error) {
    throw DTypeError(error.what() + remedy_for_operator(prefix.op->symbol));
  }
}

// A long sum leans to the left: its terms are taken one after the other, not one inside the other.
Value Evaluator::evaluate(const Binary& binary, std::int64_t position) const {
  struct Step {
    const Binary* binary;
    std::int64_t position;
  };
  std::vector<Step> chain = {{&binary, position}};
  while (const auto* next = std::get_if<Binary>(&chain.back().binary->left->form))
    chain.push_back({next, chain.back().binary->left->position});
  Value value = (*this)(*chain.back().binary->left);
  for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
    value = located(step->position, [&] { return combine(*step->binary, std::move(value), step->position); });
  }
  return value;
}

Value Evaluator::combine(const Binary& binary, Value left, std::int64_t position) const {
  Value right = (*this)(*binary.right);
  const auto* first = left.get<Scalar>();
  const auto* second = right.get<Scalar>();
  try {
    if (first && second) return {fold_binary(binary.op->symbol, *first, *second)};
    return apply_operator(
        *binary.op,
        {{"", binary.left->position, std::move(left)}, {"", binary.right->position, std::move(right)}},
        position);
  } catch (const DTypeError& error) {
    throw DTypeError(error.what() + remedy_for_operator(binary.op->symbol));
  }
}

Value Evaluator::evaluate(const Attribute& attribute, std::int64_t position) const {
  if (is_namespace_use(*attribute.object)) return named_constant(attribute.name, position);
  if (const std::string module = module_of(*attribute.object); !module.empty()) {
    const std::string name = module + attribute.name;
    function_named(name, position);
    throw LocatedError(position, "'" + name + "' is a function; call it: " + name + "(...)");
  }
  const Value object = (*this)(*attribute.object);
  const std::string& name = attribute.name;
  for (const ArrayAttribute& row : kAttributes) {
    if (row.name != name) continue;
    return catalogue::call(function_named(row.function, position), {{"", attribute.object->position, object}},
                           position);
  }
  if (catalogue::find_function(name))
    throw LocatedError(position, "'" + name + "' is a method; call it: x." + name + "()");
  throw LocatedError(position,
                     "unknown attribute '" + name + "'; there are T, mT, real, imag and the functions");
}

Value Evaluator::evaluate(const Call& written, std::int64_t position) const {
  std::vector<GivenArgument> given;
  const Function* function = nullptr;
  if (const auto* name = std::get_if<Name>(&written.callee->form)) {
    if (name->name == "slice") return called_slice(written, position);
    function = &function_named(name->name, position);
  } else if (const auto* method = std::get_if<Attribute>(&written.callee->form)) {
    const std::string module = module_of(*method->object);
    function = &function_named(module + method->name, position);
    if (module.empty() && !is_namespace_use(*method->object)) {
      given.push_back({"", method->object->position, (*this)(*method->object)});
    }
  } else {
    throw LocatedError(position, "only functions can be called; write * to multiply");
  }
  for (const Argument& argument : written.arguments) {
    given.push_back({argument.keyword, argument.value->position, (*this)(*argument.value)});
  }
  return catalogue::call(*function, std::move(given), position);
}

Value Evaluator::evaluate(const Subscript& subscript, std::int64_t) const {
  const Value object = (*this)(*subscript.object);
  std::vector<Value> items;
  for (const ExpressionPtr& item : subscript.items) items.push_back((*this)(*item));
  return catalogue::select(object, std::move(items));
}

std::optional<std::int64_t> Evaluator::slice_bound(const Expression* part) const {
  if (!part) return std::nullopt;
  const Value value = catalogue::with_number((*this)(*part));
  if (value.is_none()) return std::nullopt;
  const auto* number = value.get<Scalar>();
  const auto* integer = number ? std::get_if<std::int64_t>(&number->value()) : nullptr;
  if (!integer) throw LocatedError(part->position, "a slice takes integers, not " + describe(value));
  return *integer;
}

Value Evaluator::slice_of(const Expression* start, const Expression* stop, const Expression* step) const {
  const auto stride = slice_bound(step);
  if (stride == 0) throw LocatedError(step->position, "the step of a slice cannot be 0");
  return {Slice{slice_bound(start), slice_bound(stop), stride.value_or(1)}};
}

Value Evaluator::evaluate(const SliceBounds& bounds, std::int64_t) const {
  return slice_of(bounds.start.get(), bounds.stop.get(), bounds.step.get());
}

Value Evaluator::called_slice(const Call& written, std::int64_t position) const {
  std::vector<const Expression*> bounds;
  for (const Argument& argument : written.arguments) {
    if (!argument.keyword.empty()) throw LocatedError(position, "slice takes no keyword arguments");
    bounds.push_back(argument.value.get());
  }
  if (bounds.empty() || bounds.size() > 3)
    throw LocatedError(position, "slice takes one to three arguments: slice(stop), slice(start, stop, step)");
  if (bounds.size() == 1) bounds.insert(bounds.begin(), nullptr);
  bounds.resize(3);
  return slice_of(bounds[0], bounds[1], bounds[2]);
}

}  // namespace

Value evaluate(std::string_view text, const Names& inputs) {
  const ExpressionPtr expression = parse(text);
  try {
    return Evaluator(inputs)(*expression);
  } catch (const LocatedError& error) {
    throw ExpressionError(with_caret(error.what(), text, error.position()));
  }
}

}  // namespace varve::cli
