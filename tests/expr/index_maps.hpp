#pragma once

#include <functional>
#include <random>
#include <string>

#include "expr/index_map.hpp"

namespace varve::test {

/// A map with what it was made from: slices, flips, lists, constants and stretched axes of an input.
struct MapCase {
  Shape input;
  expr::IndexMap map;
};

/// Describes a map as arithmetic: "(4, 3) -> x[5 - 2*i0, (3, 1)[i1], 7]".
[[nodiscard]] std::string text_of(const expr::IndexMap& map);

/// Returns the input coordinates of an output coordinate, axis by axis from the definition.
[[nodiscard]] Index at(const expr::IndexMap& map, const Index& output);

/// Makes a map into an input of that shape (extents of 1 or more). Lists and constants occur if `any_kind`.
[[nodiscard]] MapCase random_map(const Shape& input, bool any_kind, std::mt19937_64& random);

/// Calls `visit` for every coordinate of the box, in C order; for none if it is empty.
void for_each_in(const Box& box, const std::function<void(const Index&)>& visit);

}  // namespace varve::test
