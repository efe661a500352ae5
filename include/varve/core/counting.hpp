#pragma once

#include "varve/core/box.hpp"

namespace varve {

/// Returns element `number`, counted in C order, of the index space with these extents: an Index or a
/// ChunkIndex.
template <class Coordinates>
[[nodiscard]] Coordinates index_at(std::int64_t number, const Shape& extents);

/// Returns element `number`, counted in C order, of a box.
template <class Coordinates>
[[nodiscard]] Coordinates index_at(std::int64_t number, const Box& box);

}  // namespace varve
