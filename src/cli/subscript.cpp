#include "cli/subscript.hpp"

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
    const auto* number = item.get<Scalar>();
    if (!number) throw IndexError("a list in an index holds integers, not " + describe(item));
    positions.push_back(position_in_axis(*number));
  }
  return positions;
}

IndexItem index_item(const Value& value) {
  if (const auto* number = value.get<Scalar>()) return {position_in_axis(*number)};
  if (const auto* slice = value.get<Slice>()) return {*slice};
  if (const auto* dots = value.get<Ellipsis>()) return {*dots};
  if (value.is_none()) return {newaxis};
  if (const auto* list = value.get<ValueSequence>()) return {positions_in_axis(*list)};
  if (value.get<Array>()) {
    throw IndexError("an index cannot hold " + describe(value) +
                     " behind other items; a mask comes first, and others follow: x[mask, 1:]");
  }
  throw IndexError("an index cannot be " + describe(value) + "; give integers, slices, ..., None or lists");
}

Value item_of(const ValueSequence& sequence, const std::vector<Value>& items) {
  const auto* number = items.size() == 1 ? items.front().get<Scalar>() : nullptr;
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
  std::vector<IndexItem> index;
  // What stands behind a mask selects on the axes behind those of the mask.
  const auto* mask = items.empty() ? nullptr : items.front().get<Array>();
  const Array masked = mask ? extract(*array, *mask) : *array;
  if (mask) index.push_back(Slice{});
  for (std::size_t i = mask ? 1 : 0; i < items.size(); ++i) {
    if (mask && items[i].get<ValueSequence>())
      throw IndexError("a mask and a list in one index do not go together; write x[mask][:, list]");
    index.push_back(index_item(items[i]));
  }
  return {index.size() == 1 && mask ? masked : masked(index)};
}

}  // namespace varve::cli
