#include "api/catalogue/positions.hpp"

#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/indexing.hpp"
#include "varve/masking.hpp"
#include "varve/postponed_refusals.hpp"

namespace varve::catalogue {
namespace {

// A position beyond 63 bits would become a negative one, which counts from the end.
std::vector<std::int64_t> positions_of(const Array& indices) {
  if (indices.dtype() != DType::uint64) return to_vector<std::int64_t>(astype(indices, DType::int64));
  std::vector<std::int64_t> positions;
  for (const std::uint64_t position : to_vector<std::uint64_t>(indices)) {
    positions.push_back(std::get<std::int64_t>(IndexItem(position).value()));
  }
  return positions;
}

// Where the budget does not allow to compute them and refusals are postponed, all are guessed to be 0.
std::vector<std::int64_t> computed(const Array& indices) {
  PostponedRefusals* postponed = PostponedRefusals::current();
  try {
    if (postponed == nullptr || !postponed->any()) return positions_of(indices);
    static_cast<void>(explain(indices));
  } catch (const BudgetError& error) {
    const BudgetError refusal("the positions of an index do not fit the budget: " + std::string(error.what()),
                              error.required_bytes());
    if (postponed == nullptr) throw refusal;
    postponed->note(refusal);
  }
  return std::vector<std::int64_t>(static_cast<std::size_t>(indices.size()), 0);
}

void require_few(const Array& indices) {
  if (indices.size() <= kMaxPositions) return;
  throw IndexError("an index of " + std::to_string(indices.size()) + " positions is too long, there can be " +
                   std::to_string(kMaxPositions) + "; use slices, or select in several steps");
}

// Computes all 0-d arrays of integers or bool in nested lists.
Value with_numbers(const Value& value) {
  if (const auto* sequence = value.get<ValueSequence>()) {
    ValueSequence numbers{sequence->is_tuple, {}};
    for (const Value& item : sequence->items) numbers.items.push_back(with_numbers(item));
    return {std::move(numbers)};
  }
  const auto* array = value.get<Array>();
  const bool is_truth = array != nullptr && array->ndim() == 0 && array->dtype() == DType::boolean;
  return is_truth ? Value{Scalar(truth_of(*array))} : with_number(value);
}

}  // namespace

Value with_number(Value value) {
  const auto* array = value.get<Array>();
  if (array == nullptr || array->ndim() > 0 || !is_integer(array->dtype())) return value;
  return {Scalar(computed(*array).front())};
}

Array array_of_list(const Value& list) {
  try {
    const Array array = to_array(with_numbers(list));
    if (array.size() == 0) return astype(array, DType::int64);
    if (is_integer(array.dtype()) || array.dtype() == DType::boolean) return array;
  } catch (const ExpressionError& error) {
    throw IndexError("a list in an index makes no array of positions: " + std::string(error.what()) +
                     "; give integers, or True and False, in lists of equal length");
  }
  throw IndexError("a list in an index holds integers, or True and False, not other numbers");
}

Positions positions_in(const Array& indices) {
  if (!is_integer(indices.dtype())) {
    throw IndexError("an array in an index holds integers, or is a mask of dtype bool, not " +
                     describe({indices}) + "; cast it with astype");
  }
  require_few(indices);
  return {computed(indices), indices.shape()};
}

std::vector<Positions> positions_where(const Array& mask) {
  Array all = arange(mask.shape()[0], {.dtype = DType::int64});
  for (std::int64_t axis = 1; axis < mask.ndim(); ++axis) {
    const std::int64_t extent = mask.shape()[axis];
    all = all(ellipsis, newaxis) * extent + arange(extent, {.dtype = DType::int64});
  }
  const Array places = extract(all, mask);
  require_few(places);
  std::vector<std::int64_t> rest = computed(places);
  const Shape count{places.size()};
  std::vector<Positions> axes;
  for (std::int64_t axis = mask.ndim() - 1; axis > 0; --axis) {
    std::vector<std::int64_t> positions;
    for (std::int64_t& place : rest) {
      positions.push_back(place % mask.shape()[axis]);
      place /= mask.shape()[axis];
    }
    axes.emplace(axes.begin(), std::move(positions), count);
  }
  axes.emplace(axes.begin(), std::move(rest), count);
  return axes;
}

bool truth_of(const Array& mask) { return computed(mask).front() != 0; }

}  // namespace varve::catalogue
