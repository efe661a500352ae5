#pragma once

#include <cstddef>
#include <cstdint>

#include "varve/core/dims.hpp"

namespace varve::kernels {

/// One loop of a copy: how often it turns, and how many bytes both sides move at each turn.
struct CopyLoop {
  std::int64_t extent;
  std::int64_t source_stride;
  std::int64_t target_stride;
};

/// A copy as nested loops, outermost first. `normalize` brings them into the order that memory likes: no
/// loop of extent 1, target strides positive and falling, neighbours merged, and elements as wide as possible
/// (a dense run of 4 int16 is one element of 8 bytes).
struct LoopNest {
  const std::byte* source = nullptr;
  std::byte* target = nullptr;
  std::int64_t element_bytes = 1;  ///< 1, 2, 4, 8 or 16
  std::int64_t depth = 0;
  bool empty = false;
  // Only the first `depth` are set: clearing all would cost more than a small copy.
  CopyLoop loops[kMaxNdim];

  void add(std::int64_t extent, std::int64_t source_stride, std::int64_t target_stride) noexcept;
  void normalize() noexcept;
  /// Takes a loop out of the nest and returns it.
  CopyLoop take(std::int64_t position) noexcept;

 private:
  void point_targets_up() noexcept;
  void sort() noexcept;
  void merge() noexcept;
  void widen_elements() noexcept;
};

}  // namespace varve::kernels
