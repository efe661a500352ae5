#pragma once

#include <random>
#include <string>
#include <vector>

#include "varve/core/dims.hpp"
#include "varve/indexing.hpp"

namespace varve::test {

/// What NumPy's `arange(n).reshape(shape)[items]` gives: its shape and its values in C order.
struct Selected {
  Shape shape;
  std::vector<std::int64_t> values;
};

/// Selects with plain loops over positions; the items must be valid for the shape.
Selected select(const Shape& shape, const std::vector<IndexItem>& items);

/// Makes a valid index for the shape: integers, slices with any step, lists, one ellipsis, new axes.
std::vector<IndexItem> random_index(std::mt19937_64& random, const Shape& shape);

/// Spells an index as Python does.
std::string to_python(const std::vector<IndexItem>& items);

}  // namespace varve::test
