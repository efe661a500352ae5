#include "api/catalogue/subscript.hpp"

#include <algorithm>

#include "api/catalogue/positions.hpp"
#include "varve/creation.hpp"
#include "varve/manipulation.hpp"
#include "varve/masking.hpp"

namespace varve::catalogue {
namespace {

std::int64_t position_in_axis(const Scalar& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number.value())) return *integer;
  throw IndexError("an index must be an integer, a slice, ..., None or a list of integers, not " +
                   describe({number}));
}

bool is_mask(const Value& value) {
  const auto* array = value.get<Array>();
  return array != nullptr && array->dtype() == DType::boolean;
}

// Returns the axes that an item of an index selects on.
std::int64_t consumed_by(const Value& item) {
  if (item.is_none() || item.get<Ellipsis>() != nullptr) return 0;
  return is_mask(item) ? item.get<Array>()->ndim() : 1;
}

// Returns the first axis that an item of an index selects on. Errors: IndexError.
std::int64_t axis_of(const std::vector<Value>& items, std::size_t item, const Array& array) {
  std::int64_t before = 0;
  std::int64_t behind = 0;
  bool dots = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i < item && items[i].get<Ellipsis>() != nullptr) dots = true;
    (i < item ? before : behind) += consumed_by(items[i]);
  }
  if (before + behind <= array.ndim()) return dots ? array.ndim() - behind : before;
  throw IndexError("too many indices: " + std::to_string(before + behind) + " for an array of shape " +
                   to_string(array.shape()));
}

std::vector<Positions> true_positions(const Array& mask, std::int64_t axis, const Array& array) {
  bool fits = true;
  for (std::int64_t i = 0; i < mask.ndim(); ++i) fits = fits && mask.shape()[i] == array.shape()[axis + i];
  if (fits) return positions_where(mask);
  throw IndexError("a mask of shape " + to_string(mask.shape()) + " does not suit the axes from " +
                   std::to_string(axis) + " on of an array of shape " + to_string(array.shape()) +
                   "; it must have their extents");
}

// Python's truth values, and masks of no axes, select all or nothing along an axis that they add.
Array with_axes_of_truths(Array array, std::vector<Value>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* number = items[i].get<Scalar>();
    if (number != nullptr && std::holds_alternative<bool>(number->value())) items[i] = {to_array(items[i])};
    if (!is_mask(items[i]) || consumed_by(items[i]) > 0) continue;
    array = expand_dims(array, axis_of(items, i, array));
    items[i] = {arange(truth_of(*items[i].get<Array>()) ? 1 : 0, {.dtype = DType::int64})};
  }
  return array;
}

void add_items(std::vector<IndexItem>& index, const std::vector<Value>& items, std::size_t i,
               const Array& array) {
  const Value& value = items[i];
  if (const auto* number = value.get<Scalar>()) return index.push_back(position_in_axis(*number));
  if (const auto* slice = value.get<Slice>()) return index.push_back(*slice);
  if (const auto* dots = value.get<Ellipsis>()) return index.push_back(*dots);
  if (value.is_none()) return index.push_back(newaxis);
  const auto* positions = value.get<Array>();
  if (positions == nullptr) {
    throw IndexError("an index cannot be " + describe(value) +
                     "; give integers, slices, ..., None, lists, or arrays of integers or bool");
  }
  if (!is_mask(value)) return index.push_back(positions_in(*positions));
  for (const Positions& along : true_positions(*positions, axis_of(items, i, array), array))
    index.push_back(along);
}

Value item_of(const ValueSequence& sequence, const std::vector<Value>& items) {
  const Value computed = items.size() == 1 ? with_number(items.front()) : Value{};
  const auto* number = computed.get<Scalar>();
  if (!number) throw IndexError("a tuple or list is indexed by one integer");
  const auto size = static_cast<std::int64_t>(sequence.items.size());
  const std::int64_t position = position_in_axis(*number);
  if (position < -size || position >= size) {
    throw IndexError("index " + std::to_string(position) + " is out of bounds for " + std::to_string(size) +
                     " items");
  }
  return sequence.items[static_cast<std::size_t>(position < 0 ? position + size : position)];
}

}  // namespace

namespace {

Value select_from(const Value& object, std::vector<Value> items) {
  if (const auto* sequence = object.get<ValueSequence>()) return item_of(*sequence, items);
  const auto* array = object.get<Array>();
  if (!array) throw ExpressionError(describe(object) + " cannot be indexed");
  if (items.size() == 1) {  // x[(1, 2)] is x[1, 2]
    const auto* tuple = items.front().get<ValueSequence>();
    if (tuple && tuple->is_tuple) {
      std::vector<Value> inner = tuple->items;
      items = std::move(inner);
    }
  }
  for (Value& item : items) {
    item = item.get<ValueSequence>() != nullptr ? Value{array_of_list(item)} : with_number(std::move(item));
  }
  const Array whole = with_axes_of_truths(*array, items);
  // A mask in front needs no positions where only slices and integers follow, on the axes behind its own.
  const bool streams = !items.empty() && is_mask(items.front()) &&
                       std::none_of(items.begin() + 1, items.end(),
                                    [](const Value& item) { return item.get<Array>() != nullptr; });
  const Array selected = streams ? extract(whole, *items.front().get<Array>()) : whole;
  if (streams && items.size() == 1) return {selected};
  if (streams) items.front() = {Slice{}};
  std::vector<IndexItem> index;
  for (std::size_t i = 0; i < items.size(); ++i) add_items(index, items, i, selected);
  return {selected(index)};
}

}  // namespace

Value select(const Value& object, std::vector<Value> items) {
  const bool several = std::count_if(items.begin(), items.end(), is_mask) > 1;
  try {
    return select_from(object, std::move(items));
  } catch (const IndexError& error) {
    if (!several) throw;
    throw IndexError(
        std::string(error.what()) +
        "; several masks pair the positions of their trues: write x[m1][:, m2] to choose along each "
        "axis, or x[m1 & m2] for where both hold");
  }
}

}  // namespace varve::catalogue
