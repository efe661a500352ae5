#include "kernels/compact.hpp"

#include <cstdint>
#include <cstring>

namespace varve::kernels {
namespace {

// Bools that are looked at together.
constexpr std::int64_t kWord = 8;

std::uint64_t word_at(const std::byte* mask) noexcept {
  std::uint64_t word;
  std::memcpy(&word, mask, sizeof word);
  return word;
}

// Rows of one size: the copy is one load and one store. Without branches a mask of random values costs no
// more than a plain one: each row is written where the next true one goes, and stays if it is true. Words of
// which none is true are skipped, and what they would have moved is not even read.
template <std::int64_t kBytes>
void take_small(const std::byte* mask, std::int64_t n, std::int64_t limit, const std::byte* source,
                std::byte* target) noexcept {
  std::int64_t taken = 0;
  const auto take = [&](std::int64_t i) {
    std::memcpy(target + taken * kBytes, source + i * kBytes, static_cast<std::size_t>(kBytes));
    taken += mask[i] != std::byte{0} ? 1 : 0;
  };
  std::int64_t i = 0;
  for (; i + kWord <= n && taken + kWord <= limit; i += kWord) {
    if (word_at(mask + i) == 0) continue;
    for (std::int64_t k = 0; k < kWord; ++k) take(i + k);
  }
  for (; i < n && taken < limit; ++i) take(i);
}

}  // namespace

std::int64_t count_true(const std::byte* mask, std::int64_t n) noexcept {
  constexpr std::int64_t kLanes = 64;
  constexpr int kMost = 255;  // what a lane can hold
  std::int64_t count = 0;
  std::int64_t i = 0;
  while (i + kLanes <= n) {
    std::uint8_t lanes[kLanes] = {};
    for (int step = 0; step < kMost && i + kLanes <= n; ++step, i += kLanes) {
      for (std::int64_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] += mask[i + lane] != std::byte{0} ? 1 : 0;
    }
    for (const std::uint8_t lane : lanes) count += lane;
  }
  for (; i < n; ++i) count += mask[i] != std::byte{0} ? 1 : 0;
  return count;
}

std::int64_t find_true(const std::byte* mask, std::int64_t n, std::int64_t rank) noexcept {
  constexpr std::int64_t kStride = 4096;
  std::int64_t i = 0;
  for (; i + kStride <= n; i += kStride) {
    const std::int64_t count = count_true(mask + i, kStride);
    if (count > rank) break;
    rank -= count;
  }
  for (; i < n; ++i) {
    if (mask[i] != std::byte{0} && rank-- == 0) return i;
  }
  return n;
}

void take_true(const std::byte* mask, std::int64_t n, std::int64_t limit, const std::byte* source,
               std::int64_t row_bytes, std::byte* target) noexcept {
  switch (row_bytes) {
    case 1:
      return take_small<1>(mask, n, limit, source, target);
    case 2:
      return take_small<2>(mask, n, limit, source, target);
    case 4:
      return take_small<4>(mask, n, limit, source, target);
    case 8:
      return take_small<8>(mask, n, limit, source, target);
    case 16:
      return take_small<16>(mask, n, limit, source, target);
    default:
      break;
  }
  std::int64_t taken = 0;
  for (std::int64_t i = 0; i < n && taken < limit; ++i) {
    if (mask[i] == std::byte{0}) continue;
    std::memcpy(target + taken * row_bytes, source + i * row_bytes, static_cast<std::size_t>(row_bytes));
    ++taken;
  }
}

}  // namespace varve::kernels
