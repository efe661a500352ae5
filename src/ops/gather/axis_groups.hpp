#pragma once

#include <vector>

#include "varve/core/dims.hpp"

namespace varve::ops {

/// A stretch of consecutive axes of one shape and of another that hold the same number of elements.
struct AxisGroup {
  std::int64_t from_first = 0;
  std::int64_t from_count = 0;
  std::int64_t to_first = 0;
  std::int64_t to_count = 0;
  /// Tells that one axis stays what it is.
  [[nodiscard]] bool stays() const noexcept { return from_count == 1 && to_count == 1; }
};

/// Splits two shapes of the same, positive number of elements into the shortest groups.
[[nodiscard]] inline std::vector<AxisGroup> axis_groups(const Shape& from, const Shape& to) {
  std::vector<AxisGroup> groups;
  std::int64_t i = 0;
  std::int64_t j = 0;
  while (i < from.size() || j < to.size()) {
    AxisGroup group{i, 0, j, 0};
    std::int64_t left = i < from.size() ? from[i++] : 1;
    std::int64_t right = j < to.size() ? to[j++] : 1;
    while (left != right) {
      if (left < right) {
        left *= from[i++];
      } else {
        right *= to[j++];
      }
    }
    group.from_count = i - group.from_first;
    group.to_count = j - group.to_first;
    groups.push_back(group);
  }
  return groups;
}

}  // namespace varve::ops
