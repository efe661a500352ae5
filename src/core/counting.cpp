#include "varve/core/counting.hpp"

namespace varve {

template <class Coordinates>
Coordinates index_at(std::int64_t number, const Shape& extents) {
  Coordinates index(extents.size(), 0);
  for (std::int64_t axis = extents.size() - 1; axis >= 0; --axis) {
    index[axis] = number % extents[axis];
    number /= extents[axis];
  }
  return index;
}

template <class Coordinates>
Coordinates index_at(std::int64_t number, const Box& box) {
  auto index = index_at<Coordinates>(number, box.shape());
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) index[axis] += box.lo[axis];
  return index;
}

template Index index_at<Index>(std::int64_t number, const Shape& extents);
template Index index_at<Index>(std::int64_t number, const Box& box);
template ChunkIndex index_at<ChunkIndex>(std::int64_t number, const Shape& extents);
template ChunkIndex index_at<ChunkIndex>(std::int64_t number, const Box& box);

}  // namespace varve
