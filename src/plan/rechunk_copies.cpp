#include "plan/rechunk_copies.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace varve::plan {
namespace {

constexpr int kMaxCopies = 6;

std::int64_t piece_bytes(const Shape& writer, const Shape& reader, DType dtype) {
  std::int64_t bytes = size_bytes(dtype);
  for (std::int64_t axis = 0; axis < writer.size(); ++axis) bytes *= std::min(writer[axis], reader[axis]);
  return bytes;
}

bool is_copy_of_source(const Value& value) {
  return value.placement == Placement::scratch && value.rechunk != 0 && value.scratch_writers.ndim() > 0 &&
         value.scratch_readers.ndim() > 0;
}

// The boxes between two others, by equal factors along every axis: all are about as large as the outer ones,
// and neighbours share as much as boxes can.
std::vector<Shape> boxes_between(const Shape& first, const Shape& last, int copies) {
  std::vector<Shape> boxes;
  for (int copy = 1; copy < copies; ++copy) {
    Shape box = first;
    for (std::int64_t axis = 0; axis < box.size(); ++axis) {
      const double factor = static_cast<double>(last[axis]) / static_cast<double>(first[axis]);
      const double extent =
          static_cast<double>(first[axis]) * std::pow(factor, static_cast<double>(copy) / copies);
      box[axis] = std::max<std::int64_t>(std::llround(extent), 1);
    }
    boxes.push_back(box);
  }
  return boxes;
}

std::int64_t shortest_along(const Shape& first, const std::vector<Shape>& between, const Shape& last,
                            DType dtype) {
  std::int64_t shortest = piece_bytes(between.empty() ? first : between.back(), last, dtype);
  for (std::size_t i = 0; i < between.size(); ++i)
    shortest = std::min(shortest, piece_bytes(i == 0 ? first : between[i - 1], between[i], dtype));
  return shortest;
}

}  // namespace

std::int64_t shortest_piece_bytes(const Plan& plan) {
  std::int64_t shortest = INT64_MAX;
  for (const Value& value : plan.values) {
    if (!is_copy_of_source(value)) continue;
    shortest = std::min(
        shortest, piece_bytes(value.scratch_writers.chunks(), value.scratch_readers.chunks(), value.dtype));
  }
  return shortest;
}

bool add_copies(const Plan& plan, std::int64_t min_bytes, Rechunks& rechunks) {
  bool any = false;
  for (const Value& value : plan.values) {
    if (!is_copy_of_source(value)) continue;
    const Shape& first = value.scratch_writers.chunks();
    const Shape& last = value.scratch_readers.chunks();
    if (piece_bytes(first, last, value.dtype) >= min_bytes) continue;
    for (int copies = 2; copies <= kMaxCopies; ++copies) {
      std::vector<Shape> between = boxes_between(first, last, copies);
      if (shortest_along(first, between, last, value.dtype) < min_bytes) continue;
      rechunks.at(value.rechunk).through = std::move(between);
      any = true;
      break;
    }
  }
  return any;
}

}  // namespace varve::plan
