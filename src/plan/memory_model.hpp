#pragma once

#include <cstdint>

namespace varve::plan {

/// Returns the bytes that the buffer pool takes for a request: whole pages up to 64 KiB, then at least eight
/// size classes per power of two, so that blocks of similar requests can be reused. Planner and pool share
/// this rule; that makes footprints exact.
[[nodiscard]] constexpr std::int64_t pooled_bytes(std::int64_t bytes) noexcept {
  constexpr std::int64_t kPage = 4096;
  if (bytes <= 0) return 0;
  std::int64_t granule = kPage;
  while (granule * 16 < bytes) granule *= 2;
  return (bytes + granule - 1) / granule * granule;
}

/// States and values below this size come from the heap, not from the pool, whose blocks are pages.
inline constexpr std::int64_t kSmallStateBytes = 4096;

/// Returns the bytes that one accumulator state, or value in memory, is charged with.
[[nodiscard]] constexpr std::int64_t state_block_bytes(std::int64_t bytes) noexcept {
  constexpr std::int64_t kNodeBytes = 128;
  return bytes < kSmallStateBytes ? bytes + kNodeBytes : pooled_bytes(bytes) + kNodeBytes;
}

}  // namespace varve::plan
