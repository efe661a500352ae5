#include "api/catalogue/value.hpp"

#include <algorithm>
#include <type_traits>

#include "varve/creation.hpp"
#include "varve/elementwise.hpp"

namespace varve::catalogue {
namespace {

using Complex = std::complex<double>;

// Follows the first items down; every other item must then have the same shape.
Shape shape_of(const ValueSequence& sequence) {
  Shape shape{static_cast<std::int64_t>(sequence.items.size())};
  if (sequence.items.empty()) return shape;
  const auto* inner = sequence.items.front().get<ValueSequence>();
  if (!inner) return shape;
  for (const std::int64_t extent : shape_of(*inner)) shape.push_back(extent);
  return shape;
}

void collect(const Value& value, const Shape& shape, std::int64_t axis, std::vector<Scalar>& numbers) {
  const auto* sequence = value.get<ValueSequence>();
  if (axis == shape.size()) {
    const auto* number = value.get<Scalar>();
    if (number) return numbers.push_back(*number);
    throw ExpressionError(sequence ? "the nested lists do not all have the same length"
                                   : "a list of numbers cannot hold " + describe(value));
  }
  if (!sequence || static_cast<std::int64_t>(sequence->items.size()) != shape[axis]) {
    throw ExpressionError("the nested lists do not all have the same length");
  }
  for (const Value& item : sequence->items) collect(item, shape, axis + 1, numbers);
}

template <class T>
Array filled(const std::vector<Scalar>& numbers, const Shape& shape) {
  std::vector<T> values;
  values.reserve(numbers.size());
  for (const Scalar& number : numbers) {
    T element{};
    number.store(dtype_of<T>(), reinterpret_cast<std::byte*>(&element));
    values.push_back(element);
  }
  return from_values(values, shape);
}

Array from_numbers(const std::vector<Scalar>& numbers, const Shape& shape) {
  DType dtype = numbers.empty() ? DType::float64 : numbers.front().default_dtype();
  for (const Scalar& number : numbers) dtype = promote_types(dtype, number.default_dtype());
  switch (dtype) {
    case DType::boolean:
      return astype(filled<std::uint8_t>(numbers, shape), DType::boolean);
    case DType::int64:
      return filled<std::int64_t>(numbers, shape);
    case DType::uint64:
      return filled<std::uint64_t>(numbers, shape);
    case DType::complex128:
      return filled<Complex>(numbers, shape);
    default:
      return filled<double>(numbers, shape);
  }
}

}  // namespace

std::string describe(const Value& value) {
  return std::visit(
      [](const auto& form) -> std::string {
        using Form = std::decay_t<decltype(form)>;
        if constexpr (std::is_same_v<Form, None>)
          return "None";
        else if constexpr (std::is_same_v<Form, Scalar>)
          return std::holds_alternative<bool>(form.value()) ? to_string(form)
                                                            : "the number " + to_string(form);
        else if constexpr (std::is_same_v<Form, Array>)
          return "an array of shape " + to_string(form.shape()) + " and dtype " +
                 std::string(name_of(form.dtype()));
        else if constexpr (std::is_same_v<Form, DType>)
          return "the dtype " + std::string(name_of(form));
        else if constexpr (std::is_same_v<Form, std::string>)
          return "the string '" + form + "'";
        else if constexpr (std::is_same_v<Form, ValueSequence>)
          return std::string(form.is_tuple ? "a tuple" : "a list") + " of " +
                 std::to_string(form.items.size());
        else if constexpr (std::is_same_v<Form, Slice>)
          return "a slice";
        else
          return "...";
      },
      value.form);
}

Array to_array(const Value& value) {
  if (const auto* array = value.get<Array>()) return *array;
  if (const auto* number = value.get<Scalar>()) return full(Shape{}, *number);
  const auto* sequence = value.get<ValueSequence>();
  if (!sequence) throw ExpressionError("expected an array or a number, not " + describe(value));
  const Shape shape = shape_of(*sequence);
  std::vector<Scalar> numbers;
  collect(value, shape, 0, numbers);
  return from_numbers(numbers, shape);
}

}  // namespace varve::catalogue
