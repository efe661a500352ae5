#include "cli/arguments.hpp"

#include <algorithm>
#include <limits>

#include "cli/located_error.hpp"
#include "cli/number_literal.hpp"
#include "cli/positions.hpp"
#include "cli/spelling.hpp"
#include "varve/axis_labels.hpp"
#include "varve/storage.hpp"

namespace varve::cli {
namespace {

Value default_value(std::string_view text) {
  if (text.empty() || text == "None") return {None{}};
  if (text[0] == '\'') return {std::string(text.substr(1, text.size() - 2))};
  if (text == "True" || text == "False") return {Scalar(text == "True")};
  if (text[0] != '-') return {read_number(text)};
  return {Scalar(-std::get<std::int64_t>(read_number(text.substr(1)).value()))};
}

std::optional<std::int64_t> integer_of(const Value& value) {
  const auto* number = value.get<Scalar>();
  const auto* integer = number ? std::get_if<std::int64_t>(&number->value()) : nullptr;
  return integer ? std::optional(*integer) : std::nullopt;
}

std::optional<double> real_of(const Value& value) {
  const auto* number = value.get<Scalar>();
  if (!number || std::holds_alternative<std::complex<double>>(number->value())) return std::nullopt;
  double real = 0;
  number->store(DType::float64, reinterpret_cast<std::byte*>(&real));
  return real;
}

std::optional<std::vector<std::int64_t>> integers_of(const Value& value) {
  if (const auto one = integer_of(value)) return std::vector<std::int64_t>{*one};
  const auto* sequence = value.get<ValueSequence>();
  if (!sequence) return std::nullopt;
  std::vector<std::int64_t> integers;
  for (const Value& item : sequence->items) {
    const auto integer = integer_of(item);
    if (!integer) return std::nullopt;
    integers.push_back(*integer);
  }
  return integers;
}

std::optional<DType> dtype_of_value(const Value& value) {
  if (const auto* dtype = value.get<DType>()) return *dtype;
  const auto* name = value.get<std::string>();
  return name ? parse_dtype(*name) : std::nullopt;
}

std::optional<Operand> operand_of(const Value& value) {
  if (const auto* number = value.get<Scalar>()) return Operand(*number);
  if (value.get<Array>() || value.get<ValueSequence>()) return Operand(to_array(value));
  return std::nullopt;
}

// Parameters whose numbers are those of axes.
bool counts_axes(std::string_view name) {
  constexpr std::string_view kNames[] = {"axis", "axes", "axis1", "axis2", "source", "destination"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// Functions whose axis is one that the array does not have yet.
bool makes_axes(std::string_view function) { return function == "expand_dims" || function == "stack"; }

bool mentions_text(const Value& value) {
  const auto is_text = [](const Value& item) { return item.get<std::string>() != nullptr; };
  const auto* sequence = value.get<ValueSequence>();
  return is_text(value) ||
         (sequence != nullptr && std::any_of(sequence->items.begin(), sequence->items.end(), is_text));
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!name.empty()) text += (text.empty() ? "; there are '" : ", '") + name + "'";
  }
  return text.empty() ? "; its axes have no names: count them from 0" : text;
}

}  // namespace

Arguments::Arguments(const Function& function, std::vector<GivenArgument> given, std::int64_t call_position)
    : function_(function), given_(std::move(given)), call_position_(call_position) {
  read_signature();
  gather();
  bind();
  number_axes();
}

void Arguments::read_signature() {
  std::string_view rest = function_.signature.substr(function_.name().size() + 1);
  rest.remove_suffix(1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    Parameter parameter;
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
      parameter.default_text = text.substr(equals + 1);
      text = text.substr(0, equals);
    }
    if (const auto bar = text.find('|'); bar != std::string_view::npos) {
      parameter.alias = text.substr(bar + 1);
      text = text.substr(0, bar);
    }
    parameter.gathers = text[0] == '*' && !parameters_.empty();
    variadic_ = variadic_ || (text[0] == '*' && parameters_.empty());
    parameter.is_idle = text[0] == '~';
    if (parameter.gathers || parameter.is_idle) text.remove_prefix(1);
    parameter.name = text;
    parameter.fallback = default_value(parameter.default_text);
    parameters_.push_back(std::move(parameter));
  }
}

// Makes x.reshape((2, 3)) of x.reshape(2, 3).
void Arguments::gather() {
  const auto at = std::find_if(parameters_.begin(), parameters_.end(),
                               [](const Parameter& parameter) { return parameter.gathers; });
  if (at == parameters_.end() || at - parameters_.begin() >= static_cast<std::ptrdiff_t>(given_.size()))
    return;
  const auto first = given_.begin() + (at - parameters_.begin());
  const auto last = std::find_if(first, given_.end(), [](const GivenArgument& argument) {
    return !argument.keyword.empty() || argument.value.get<Scalar>() == nullptr;
  });
  if (last - first < 2) return;
  ValueSequence numbers;
  for (auto each = first; each != last; ++each) numbers.items.push_back(std::move(each->value));
  first->value = {std::move(numbers)};
  given_.erase(first + 1, last);
}

void Arguments::bind() {
  if (variadic_) {
    for (const GivenArgument& argument : given_) {
      if (!argument.keyword.empty()) fail(argument.position, "takes no keyword arguments");
    }
    return;
  }
  std::size_t positional = 0;
  for (const GivenArgument& argument : given_) {
    if (argument.keyword.empty() && positional >= parameters_.size()) {
      fail(argument.position, "takes at most " + std::to_string(parameters_.size()) + " arguments");
    }
    Parameter& parameter = argument.keyword.empty() ? parameters_[positional++] : parameter_of(argument);
    if (parameter.given)
      fail(argument.position, "the argument '" + std::string(parameter.name) + "' is given twice");
    parameter.given = &argument;
  }
  if (!parameters_.empty() && parameters_.front().name == "arrays" && parameters_.front().given != nullptr &&
      parameters_.front().given->value.get<Array>() != nullptr) {
    fail(parameters_.front().given->position,
         "takes its arrays as one list: " + std::string(function_.name()) + "([x, y])");
  }
  for (const Parameter& parameter : parameters_) {
    if (!parameter.given && parameter.default_text.empty()) {
      fail(call_position_, "the argument '" + std::string(parameter.name) + "' is missing");
    }
    if (parameter.given && parameter.is_idle) require_plain(parameter);
  }
}

// Puts numbers for the names of dimensions: mean(t, axis='time').
void Arguments::number_axes() {
  if (variadic_ || makes_axes(function_.name())) return;
  for (const Parameter& parameter : parameters_) {
    if (parameter.given == nullptr || !counts_axes(parameter.name)) continue;
    GivenArgument& argument = given_[static_cast<std::size_t>(parameter.given - given_.data())];
    if (!mentions_text(argument.value)) continue;
    const auto number_of = [&](const Value& item) -> Value {
      const auto* name = item.get<std::string>();
      if (name == nullptr) return item;
      const std::vector<std::string> names = axis_names();
      const auto found = std::find(names.begin(), names.end(), *name);
      if (found != names.end()) return {Scalar(static_cast<std::int64_t>(found - names.begin()))};
      fail(argument.position, "no axis of the array is called '" + *name + "'" + list_of(names));
    };
    if (auto* sequence = std::get_if<ValueSequence>(&argument.value.form)) {
      for (Value& item : sequence->items) item = number_of(item);
    } else {
      argument.value = number_of(argument.value);
    }
  }
}

// Returns the names of the axes of the array that the function is about, "" for those without.
std::vector<std::string> Arguments::axis_names() const {
  const Array* array = nullptr;
  for (const Parameter& parameter : parameters_) {
    if (parameter.given == nullptr || (parameter.name != "x" && parameter.name != "arrays")) continue;
    const Value* value = &parameter.given->value;
    if (const auto* sequence = value->get<ValueSequence>(); sequence != nullptr && !sequence->items.empty())
      value = &sequence->items.front();
    array = value->get<Array>();
  }
  std::vector<std::string> names;
  if (array == nullptr) return names;
  for (const AxisLabel& label : axis_labels(*array)) names.push_back(label.name);
  return names;
}

// What changes nothing must still be something that NumPy or the Array API takes there.
void Arguments::require_plain(const Parameter& parameter) const {
  const Value& value = parameter.given->value;
  const auto* number = value.get<Scalar>();
  const bool is_flag = number != nullptr && std::holds_alternative<bool>(number->value());
  if (is_flag || value.is_none() || value.get<std::string>() != nullptr) return;
  wrong(parameter.name, "None, True, False or a text");
}

Arguments::Parameter& Arguments::parameter_of(const GivenArgument& argument) {
  std::vector<std::string_view> names;
  for (Parameter& parameter : parameters_) {
    if (parameter.name == argument.keyword || parameter.alias == argument.keyword) return parameter;
    names.push_back(parameter.name);
  }
  fail(argument.position,
       "no argument is named '" + argument.keyword + "'" + did_you_mean(argument.keyword, names));
}

const Arguments::Parameter& Arguments::find(std::string_view name) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const Parameter& parameter) { return parameter.name == name; });
  if (found == parameters_.end())
    throw Error("the function row '" + std::string(function_.signature) + "' is wrong");
  return *found;
}

const Value& Arguments::value(std::string_view name) const {
  const Parameter& parameter = find(name);
  return parameter.given ? parameter.given->value : parameter.fallback;
}

void Arguments::fail(std::int64_t position, const std::string& message) const {
  throw LocatedError(position, std::string(function_.name()) + ": " + message + "; its signature is " +
                                   readable_signature(function_));
}

void Arguments::wrong(std::string_view name, const std::string& wanted) const {
  const Parameter& parameter = find(name);
  fail(parameter.given ? parameter.given->position : call_position_,
       "the argument '" + std::string(name) + "' must be " + wanted + ", not " + describe(value(name)));
}

void Arguments::refuse(std::string_view name, const std::string& reason) const {
  const Parameter& parameter = find(name);
  fail(parameter.given ? parameter.given->position : call_position_, reason);
}

Operand Arguments::operand(std::string_view parameter) const {
  const auto operand = operand_of(value(parameter));
  if (operand) return *operand;
  wrong(parameter, "an array or a number");
}

std::optional<Operand> Arguments::optional_operand(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(operand(parameter));
}

Array Arguments::array(std::string_view parameter) const {
  const Value& given = value(parameter);
  if (!operand_of(given)) wrong(parameter, "an array");
  return to_array(given);
}

Scalar Arguments::scalar(std::string_view parameter) const {
  const auto* number = value(parameter).get<Scalar>();
  if (number) return *number;
  wrong(parameter, "a number");
}

std::optional<Scalar> Arguments::optional_scalar(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(scalar(parameter));
}

double Arguments::real(std::string_view parameter) const {
  const auto number = real_of(value(parameter));
  if (number) return *number;
  wrong(parameter, "a real number");
}

std::optional<double> Arguments::optional_real(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(real(parameter));
}

std::int64_t Arguments::integer(std::string_view parameter) const {
  const auto integer = integer_of(value(parameter));
  if (integer) return *integer;
  wrong(parameter, "an integer");
}

std::optional<std::int64_t> Arguments::optional_integer(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(integer(parameter));
}

std::vector<std::int64_t> Arguments::integers(std::string_view parameter) const {
  const auto integers = integers_of(value(parameter));
  if (integers) return *integers;
  wrong(parameter, "an integer or a tuple of integers");
}

Positions Arguments::positions(std::string_view parameter) const {
  Value given = with_number(value(parameter));
  if (const auto number = integer_of(given)) return {{*number}, {}};
  if (given.get<ValueSequence>() != nullptr) given = {array_of_list(given)};
  const auto* array = given.get<Array>();
  if (array != nullptr && array->dtype() != DType::boolean) return positions_in(*array);
  wrong(parameter, "an integer, nested lists or an array of integers");
}

std::optional<std::vector<std::int64_t>> Arguments::optional_integers(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(integers(parameter));
}

std::vector<std::vector<std::int64_t>> Arguments::integer_lists(std::string_view parameter) const {
  const auto* sequence = value(parameter).get<ValueSequence>();
  std::vector<std::vector<std::int64_t>> lists;
  for (std::size_t i = 0; sequence != nullptr && i < sequence->items.size(); ++i) {
    if (auto list = integers_of(sequence->items[i])) lists.push_back(std::move(*list));
  }
  if (sequence != nullptr && lists.size() == sequence->items.size()) return lists;
  wrong(parameter, "a tuple of integers or tuples of integers");
}

bool Arguments::is_number(std::string_view parameter) const {
  const auto* array = value(parameter).get<Array>();
  return value(parameter).get<Scalar>() != nullptr || (array != nullptr && array->ndim() == 0);
}

Axes Arguments::axes(std::string_view parameter) const {
  return absent(parameter) ? Axes() : Axes(integers(parameter));
}

bool Arguments::flag(std::string_view parameter) const {
  const auto* number = value(parameter).get<Scalar>();
  const auto* flag = number ? std::get_if<bool>(&number->value()) : nullptr;
  if (flag) return *flag;
  wrong(parameter, "True or False");
}

DType Arguments::dtype(std::string_view parameter) const {
  const auto dtype = dtype_of_value(value(parameter));
  if (dtype) return *dtype;
  wrong(parameter, "a dtype (bool, int8 ... complex128)");
}

std::optional<DType> Arguments::optional_dtype(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(dtype(parameter));
}

std::string Arguments::text(std::string_view parameter) const {
  const auto* text = value(parameter).get<std::string>();
  if (text) return *text;
  wrong(parameter, "a text");
}

std::vector<Array> Arguments::arrays(std::string_view parameter) const {
  const auto* sequence = value(parameter).get<ValueSequence>();
  if (!sequence) wrong(parameter, "a list of arrays");
  std::vector<Array> arrays;
  for (const Value& item : sequence->items) {
    if (!operand_of(item)) wrong(parameter, "a list of arrays");
    arrays.push_back(to_array(item));
  }
  return arrays;
}

std::vector<double> Arguments::reals(std::string_view parameter) const {
  if (const auto one = real_of(value(parameter))) return {*one};
  const auto* sequence = value(parameter).get<ValueSequence>();
  if (!sequence) wrong(parameter, "a number or a tuple of numbers");
  std::vector<double> reals;
  for (const Value& item : sequence->items) {
    const auto real = real_of(item);
    if (!real) wrong(parameter, "a number or a tuple of numbers");
    reals.push_back(*real);
  }
  return reals;
}

std::vector<std::pair<std::int64_t, std::int64_t>> Arguments::pairs(std::string_view parameter) const {
  using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;
  const auto pair_of = [](const Value& item) -> std::optional<Pairs::value_type> {
    const auto integers = integers_of(item);
    if (!integers || integers->empty() || integers->size() > 2) return std::nullopt;
    return std::pair(integers->front(), integers->back());
  };
  if (const auto one = pair_of(value(parameter))) return {*one};
  const auto* sequence = value(parameter).get<ValueSequence>();
  Pairs pairs;
  for (const Value& item : sequence ? sequence->items : std::vector<Value>()) {
    if (const auto pair = pair_of(item)) pairs.push_back(*pair);
  }
  if (sequence && pairs.size() == sequence->items.size()) return pairs;
  wrong(parameter, "an integer, a pair or a list of pairs");
}

std::vector<Array> Arguments::all_arrays() const {
  std::vector<Array> arrays;
  for (const GivenArgument& argument : given_) {
    if (!operand_of(argument.value)) fail(argument.position, "takes arrays, not " + describe(argument.value));
    arrays.push_back(to_array(argument.value));
  }
  return arrays;
}

std::string readable_signature(const Function& function) {
  std::string text(function.signature);
  for (std::size_t idle = text.find(", ~"); idle != std::string::npos; idle = text.find(", ~"))
    text.erase(idle, text.find_first_of(",)", idle + 1) - idle);
  if (const std::size_t star = text.find(", *"); star != std::string::npos) text.erase(star + 2, 1);
  for (std::size_t bar = text.find('|'); bar != std::string::npos; bar = text.find('|')) {
    text.erase(bar, text.find_first_of(",=)", bar) - bar);
  }
  return text;
}

}  // namespace varve::cli
