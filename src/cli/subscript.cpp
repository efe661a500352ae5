#include "cli/subscript.hpp"

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
  if (const auto* array = value.get<Array>(); array && array->dtype() == DType::boolean) {
    throw IndexError("an array cannot be indexed by a mask here; use where(mask, x, other) or a reduction");
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
  for (const Value& item : items) index.push_back(index_item(item));
  return {(*array)(index)};
}

}  // namespace varve::cli
