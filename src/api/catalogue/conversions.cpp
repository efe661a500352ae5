#include <algorithm>

#include "api/catalogue/arguments.hpp"
#include "api/catalogue/positions.hpp"
#include "varve/storage.hpp"

namespace varve::catalogue {
namespace {

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

}  // namespace

// A row and its builder must agree.
const Value& Arguments::value(std::string_view parameter, std::initializer_list<Kind> kinds) const {
  const Parameter& row = function_.parameters[number_of(parameter)];
  if (std::find(kinds.begin(), kinds.end(), row.kind) != kinds.end()) return value(parameter);
  throw Error("the row of " + std::string(function_.name) + " gives '" + std::string(parameter) +
              "' another kind than it is read as");
}

Operand Arguments::operand(std::string_view parameter) const {
  const auto operand = operand_of(value(parameter, {Kind::operand}));
  if (operand) return *operand;
  wrong(parameter, "an array or a number");
}

std::optional<Operand> Arguments::optional_operand(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(operand(parameter));
}

Array Arguments::array(std::string_view parameter) const {
  const Value& given = value(parameter, {Kind::array});
  if (!operand_of(given)) wrong(parameter, "an array");
  return to_array(given);
}

Scalar Arguments::scalar(std::string_view parameter) const {
  const auto* number = value(parameter, {Kind::scalar}).get<Scalar>();
  if (number) return *number;
  wrong(parameter, "a number");
}

std::optional<Scalar> Arguments::optional_scalar(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(scalar(parameter));
}

double Arguments::real(std::string_view parameter) const {
  const auto number = real_of(value(parameter, {Kind::real, Kind::scalar}));
  if (number) return *number;
  wrong(parameter, "a real number");
}

std::optional<double> Arguments::optional_real(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(real(parameter));
}

std::int64_t Arguments::integer(std::string_view parameter) const {
  const auto integer =
      integer_of(value(parameter, {Kind::integer, Kind::axis, Kind::new_axis, Kind::axis_pairs}));
  if (integer) return *integer;
  wrong(parameter, "an integer");
}

std::optional<std::int64_t> Arguments::optional_integer(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(integer(parameter));
}

std::vector<std::int64_t> Arguments::integers(std::string_view parameter) const {
  const auto integers =
      integers_of(value(parameter, {Kind::integers, Kind::shape, Kind::axes, Kind::new_axes}));
  if (integers) return *integers;
  wrong(parameter, "an integer or a tuple of integers");
}

Positions Arguments::positions(std::string_view parameter) const {
  Value given = with_number(value(parameter, {Kind::positions}));
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
  const auto* sequence = value(parameter, {Kind::axis_pairs}).get<ValueSequence>();
  std::vector<std::vector<std::int64_t>> lists;
  for (std::size_t i = 0; sequence != nullptr && i < sequence->items.size(); ++i) {
    if (auto list = integers_of(sequence->items[i])) lists.push_back(std::move(*list));
  }
  if (sequence != nullptr && lists.size() == sequence->items.size()) return lists;
  wrong(parameter, "an integer, or a tuple of two integers or tuples of them");
}

bool Arguments::is_axis_count(std::string_view parameter) const {
  return value(parameter, {Kind::axis_pairs}).get<Scalar>() != nullptr;
}

Axes Arguments::axes(std::string_view parameter) const {
  return absent(parameter) ? Axes() : Axes(integers(parameter));
}

bool Arguments::flag(std::string_view parameter) const {
  const auto* number = value(parameter, {Kind::flag}).get<Scalar>();
  const auto* flag = number ? std::get_if<bool>(&number->value()) : nullptr;
  if (flag) return *flag;
  wrong(parameter, "True or False");
}

DType Arguments::dtype(std::string_view parameter) const {
  const auto dtype = dtype_of_value(value(parameter, {Kind::dtype}));
  if (dtype) return *dtype;
  wrong(parameter, "a dtype (bool, int8 ... complex128)");
}

std::optional<DType> Arguments::optional_dtype(std::string_view parameter) const {
  return absent(parameter) ? std::nullopt : std::optional(dtype(parameter));
}

const Choice& Arguments::chosen(std::string_view parameter, Kind kind) const {
  const auto* text = value(parameter, {kind}).get<std::string>();
  const std::vector<Choice>& choices = choices_of(kind);
  for (const Choice& choice : choices) {
    if (text != nullptr && choice.word == *text) return choice;
  }
  std::string words;
  for (const Choice& choice : choices) {
    if (!choice.is_synonym) words += (words.empty() ? "'" : ", '") + std::string(choice.word) + "'";
  }
  wrong(parameter, "one of " + words);
}

std::vector<Array> Arguments::arrays(std::string_view parameter) const {
  const auto* sequence = value(parameter, {Kind::arrays}).get<ValueSequence>();
  if (!sequence) wrong(parameter, "a list of arrays");
  std::vector<Array> arrays;
  for (const Value& item : sequence->items) {
    if (!operand_of(item)) wrong(parameter, "a list of arrays");
    arrays.push_back(to_array(item));
  }
  return arrays;
}

std::vector<double> Arguments::reals(std::string_view parameter) const {
  if (const auto one = real_of(value(parameter, {Kind::reals}))) return {*one};
  const auto* sequence = value(parameter, {Kind::reals}).get<ValueSequence>();
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
  if (const auto one = pair_of(value(parameter, {Kind::pairs}))) return {*one};
  const auto* sequence = value(parameter, {Kind::pairs}).get<ValueSequence>();
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

}  // namespace varve::catalogue
