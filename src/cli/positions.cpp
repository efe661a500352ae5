#include "cli/positions.hpp"

#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/indexing.hpp"
#include "varve/masking.hpp"

namespace varve::cli {
namespace {

bool holds_integers(const Array& array) {
  switch (array.dtype()) {
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
      return true;
    default:
      return false;
  }
}

// A position beyond 63 bits would become a negative one, which counts from the end.
std::vector<std::int64_t> computed(const Array& indices) {
  try {
    if (indices.dtype() != DType::uint64) return to_vector<std::int64_t>(astype(indices, DType::int64));
    std::vector<std::int64_t> positions;
    for (const std::uint64_t position : to_vector<std::uint64_t>(indices)) {
      positions.push_back(std::get<std::int64_t>(IndexItem(position).value()));
    }
    return positions;
  } catch (const BudgetError& error) {
    throw BudgetError("the positions of an index do not fit the budget: " + std::string(error.what()),
                      error.required_bytes());
  }
}

void require_few(const Array& indices) {
  if (indices.size() <= kMaxPositions) return;
  throw IndexError("an index of " + std::to_string(indices.size()) + " positions is too long, there can be " +
                   std::to_string(kMaxPositions) + "; use slices, or select in several steps");
}

}  // namespace

Value with_number(Value value) {
  const auto* array = value.get<Array>();
  if (array == nullptr || array->ndim() > 0 || !holds_integers(*array)) return value;
  return {Scalar(computed(*array).front())};
}

std::vector<std::int64_t> positions_in(const Array& indices) {
  if (!holds_integers(indices)) {
    throw IndexError("an array in an index holds integers, or is a mask of dtype bool, not " +
                     describe({indices}) + "; cast it with astype");
  }
  if (indices.ndim() != 1) {
    throw IndexError("positions lie along one axis, not in " + describe({indices}) +
                     "; ravel them, and reshape what they select");
  }
  require_few(indices);
  return computed(indices);
}

std::vector<std::int64_t> positions_where(const Array& mask) {
  const Array positions = extract(arange(mask.size(), {.dtype = DType::int64}), mask);
  require_few(positions);
  return computed(positions);
}

}  // namespace varve::cli
