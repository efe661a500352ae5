#include <algorithm>

#include "api/axis_list.hpp"
#include "api/catalogue/arguments.hpp"
#include "api/catalogue/spelling.hpp"

namespace varve::catalogue {
namespace {

bool is_array(Kind kind) { return kind == Kind::array || kind == Kind::operand; }

bool mentions_text(const Value& value) {
  const auto is_text = [](const Value& item) { return item.get<std::string>() != nullptr; };
  const auto* sequence = value.get<ValueSequence>();
  return is_text(value) ||
         (sequence != nullptr && std::any_of(sequence->items.begin(), sequence->items.end(), is_text));
}

}  // namespace

Arguments::Arguments(const Function& function, std::vector<GivenArgument> given, std::int64_t call_position)
    : function_(function),
      given_(std::move(given)),
      call_position_(call_position),
      bound_(function.parameters.size(), nullptr) {
  for (const Parameter& parameter : function.parameters) defaults_.push_back(parameter.default_value());
  gather();
  bind();
  number_axes();
}

// Makes x.reshape((2, 3)) of x.reshape(2, 3).
void Arguments::gather() {
  const auto& parameters = function_.parameters;
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [](const Parameter& parameter) { return parameter.gathers; });
  if (at == parameters.end() || at - parameters.begin() >= static_cast<std::ptrdiff_t>(given_.size())) return;
  const auto first = given_.begin() + (at - parameters.begin());
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
  const auto& parameters = function_.parameters;
  if (!parameters.empty() && parameters.front().is_variadic) {
    for (const GivenArgument& argument : given_) {
      if (!argument.keyword.empty()) fail(argument.position, "takes no keyword arguments");
    }
    return;
  }
  std::size_t positional = 0;
  const std::size_t most = parameters.size() - (takes_keywords() ? 1 : 0);
  for (const GivenArgument& argument : given_) {
    if (argument.keyword.empty() && positional >= most)
      fail(argument.position, "takes at most " + std::to_string(most) + " arguments");
    if (takes_keyword(argument)) continue;
    const std::size_t number = argument.keyword.empty() ? positional++ : number_of(argument);
    const Parameter& parameter = parameters[number];
    if (bound_[number] != nullptr)
      fail(argument.position, "the argument '" + std::string(parameter.name) + "' is given twice");
    if (parameter.kind == Kind::arrays && argument.value.get<Array>() != nullptr)
      fail(argument.position, "takes its arrays as one list: " + std::string(function_.name) + "([x, y])");
    bound_[number] = &argument;
    if (parameter.is_idle) require_plain(number);
  }
  for (std::size_t number = 0; number < parameters.size(); ++number) {
    const Parameter& parameter = parameters[number];
    if (bound_[number] != nullptr || !parameter.default_text.empty() || parameter.takes_keywords) continue;
    fail(call_position_, "the argument '" + std::string(parameter.name) + "' is missing");
  }
}

// Puts numbers for the names of dimensions: mean(t, axis='time').
void Arguments::number_axes() {
  for (std::size_t number = 0; number < bound_.size(); ++number) {
    const Kind kind = function_.parameters[number].kind;
    if (bound_[number] == nullptr || (kind != Kind::axis && kind != Kind::axes)) continue;
    GivenArgument& argument = given_[static_cast<std::size_t>(bound_[number] - given_.data())];
    if (!mentions_text(argument.value)) continue;
    const auto number_of_axis = [&](const Value& item) -> Value {
      const auto* name = item.get<std::string>();
      if (name == nullptr) return item;
      const std::vector<std::string> names = axis_names();
      if (const auto found = api::find_axis(*name, names)) return {Scalar(*found)};
      fail(argument.position, api::no_such_axis(*name, names));
    };
    if (auto* sequence = std::get_if<ValueSequence>(&argument.value.form)) {
      for (Value& item : sequence->items) item = number_of_axis(item);
    } else {
      argument.value = number_of_axis(argument.value);
    }
  }
}

// Returns the names of the axes of the first array, "" for those without.
std::vector<std::string> Arguments::axis_names() const {
  const Array* array = nullptr;
  for (std::size_t number = 0; number < bound_.size() && array == nullptr; ++number) {
    const Kind kind = function_.parameters[number].kind;
    if (bound_[number] == nullptr || !(is_array(kind) || kind == Kind::arrays)) continue;
    const Value* value = &bound_[number]->value;
    if (const auto* sequence = value->get<ValueSequence>(); sequence != nullptr && !sequence->items.empty())
      value = &sequence->items.front();
    array = value->get<Array>();
  }
  return array == nullptr ? std::vector<std::string>() : array->dims();
}

// What changes nothing must still be something that NumPy or the Array API takes there.
void Arguments::require_plain(std::size_t parameter) const {
  const Value& value = bound_[parameter]->value;
  const auto* number = value.get<Scalar>();
  const bool is_flag = number != nullptr && std::holds_alternative<bool>(number->value());
  if (is_flag || value.is_none() || value.get<std::string>() != nullptr) return;
  wrong(function_.parameters[parameter].name, "None, True, False or a text");
}

bool Arguments::takes_keywords() const {
  return !function_.parameters.empty() && function_.parameters.back().takes_keywords;
}

bool Arguments::takes_keyword(const GivenArgument& argument) const {
  return takes_keywords() && !argument.keyword.empty() && !find_parameter(argument.keyword);
}

std::vector<GivenArgument> Arguments::keywords() const {
  std::vector<GivenArgument> taken;
  for (const GivenArgument& argument : given_) {
    if (takes_keyword(argument)) taken.push_back(argument);
  }
  return taken;
}

std::optional<std::size_t> Arguments::find_parameter(std::string_view keyword) const {
  for (std::size_t number = 0; number < function_.parameters.size(); ++number) {
    const Parameter& parameter = function_.parameters[number];
    if (parameter.takes_keywords) continue;
    if (parameter.name == keyword || parameter.alias == keyword) return number;
  }
  return std::nullopt;
}

std::size_t Arguments::number_of(const GivenArgument& argument) const {
  if (const auto number = find_parameter(argument.keyword)) return *number;
  std::vector<std::string_view> names;
  for (const Parameter& parameter : function_.parameters) names.push_back(parameter.name);
  fail(argument.position,
       "no argument is named '" + argument.keyword + "'" + did_you_mean(argument.keyword, names));
}

std::size_t Arguments::number_of(std::string_view parameter) const {
  const auto& parameters = function_.parameters;
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& each) { return each.name == parameter; });
  if (found != parameters.end()) return static_cast<std::size_t>(found - parameters.begin());
  throw Error("the row of " + std::string(function_.name) + " has no '" + std::string(parameter) + "'");
}

const Value& Arguments::value(std::string_view parameter) const {
  const std::size_t number = number_of(parameter);
  return bound_[number] != nullptr ? bound_[number]->value : defaults_[number];
}

void Arguments::fail(std::int64_t position, const std::string& message) const {
  throw CallError(position, std::string(function_.name) + ": " + message + "; its signature is " +
                                signature_of(function_));
}

void Arguments::wrong(std::string_view name, const std::string& wanted) const {
  refuse(name,
         "the argument '" + std::string(name) + "' must be " + wanted + ", not " + describe(value(name)));
}

void Arguments::refuse(std::string_view name, const std::string& reason) const {
  const GivenArgument* given = bound_[number_of(name)];
  fail(given != nullptr ? given->position : call_position_, reason);
}

}  // namespace varve::catalogue
