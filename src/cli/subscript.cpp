#include "cli/subscript.hpp"

#include <algorithm>

#include "cli/positions.hpp"
#include "varve/masking.hpp"

namespace varve::cli {
namespace {

std::int64_t position_in_axis(const Scalar& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number.value())) return *integer;
  throw IndexError("an index must be an integer, a slice, ..., None or a list of integers, not " +
                   describe({number}));
}

std::vector<std::int64_t> positions_in_axis(const ValueSequence& list) {
  std::vector<std::int64_t> positions;
  for (const Value& item : list.items) {
    const Value computed = with_number(item);
    const auto* number = computed.get<Scalar>();
    if (!number) throw IndexError("a list in an index holds integers, not " + describe(item));
    positions.push_back(position_in_axis(*number));
  }
  return positions;
}

bool is_mask(const Value& value) {
  const auto* array = value.get<Array>();
  return array != nullptr && array->dtype() == DType::boolean;
}

// Lists in the sense of NumPy: what stands in one index goes together element by element.
bool is_list(const Value& value) {
  return value.get<ValueSequence>() != nullptr || (value.get<Array>() != nullptr && !is_mask(value));
}

// Returns the axis that an item of an index selects on. Errors: IndexError.
std::int64_t axis_of(const std::vector<Value>& items, std::size_t item, const Array& array) {
  std::int64_t before = 0;
  std::int64_t behind = 0;
  bool dots = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i < item && items[i].get<Ellipsis>() != nullptr) dots = true;
    if (items[i].is_none() || items[i].get<Ellipsis>() != nullptr) continue;
    ++(i < item ? before : behind);
  }
  const std::int64_t axis = dots ? array.ndim() - behind : before;
  if (axis >= 0 && axis < array.ndim()) return axis;
  throw IndexError("too many indices: " + std::to_string(before + behind) + " for an array of shape " +
                   to_string(array.shape()));
}

std::vector<std::int64_t> true_positions(const Array& mask, std::int64_t axis, const Array& array) {
  if (mask.ndim() != 1) {
    throw IndexError(
        "a mask of shape " + to_string(mask.shape()) +
        " beside lists, or behind other items, must have one axis; alone it comes first, and slices "
        "follow: x[mask, 1:]");
  }
  if (mask.size() != array.shape()[axis]) {
    throw IndexError("a mask of " + std::to_string(mask.size()) + " elements does not suit axis " +
                     std::to_string(axis) + " of an array of shape " + to_string(array.shape()));
  }
  return positions_where(mask);
}

IndexItem index_item(const std::vector<Value>& items, std::size_t i, const Array& array) {
  const Value& value = items[i];
  if (const auto* number = value.get<Scalar>()) return {position_in_axis(*number)};
  if (const auto* slice = value.get<Slice>()) return {*slice};
  if (const auto* dots = value.get<Ellipsis>()) return {*dots};
  if (value.is_none()) return {newaxis};
  if (const auto* list = value.get<ValueSequence>()) return {positions_in_axis(*list)};
  if (is_mask(value)) return {true_positions(*value.get<Array>(), axis_of(items, i, array), array)};
  if (const auto* indices = value.get<Array>()) return {positions_in(*indices)};
  throw IndexError("an index cannot be " + describe(value) +
                   "; give integers, slices, ..., None, lists, or arrays of integers or bool");
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

Value select(const Value& object, std::vector<Value> items) {
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
  for (Value& item : items) item = with_number(std::move(item));
  // A mask in front needs no positions where only slices and integers follow, on the axes behind its own.
  const bool streams = !items.empty() && is_mask(items.front()) &&
                       std::none_of(items.begin() + 1, items.end(),
                                    [](const Value& item) { return is_list(item) || is_mask(item); });
  const Array selected = streams ? extract(*array, *items.front().get<Array>()) : *array;
  if (streams && items.size() == 1) return {selected};
  if (streams) items.front() = {Slice{}};
  std::vector<IndexItem> index;
  for (std::size_t i = 0; i < items.size(); ++i) index.push_back(index_item(items, i, selected));
  return {selected(index)};
}

}  // namespace varve::cli
