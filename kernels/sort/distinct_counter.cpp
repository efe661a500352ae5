#include "kernels/distinct_counter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace varve::kernels {
namespace {

// The finaliser of splitmix64 (Steele et al., 2014).
std::uint64_t scrambled(std::uint64_t key) noexcept {
  key += 0x9e3779b97f4a7c15ULL;
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9ULL;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebULL;
  return key ^ (key >> 31);
}

std::uint64_t hash_of(const std::byte* key, std::int64_t width) noexcept {
  std::uint64_t hash = 0;
  for (std::int64_t at = 0; at < width; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key + at, static_cast<std::size_t>(std::min<std::int64_t>(width - at, 8)));
    hash = scrambled(hash ^ word);
  }
  return hash;
}

}  // namespace

void DistinctCounter::begin(std::byte* registers) noexcept {
  registers_ = registers;
  std::memset(registers_, 0, kRegisters);
}

void DistinctCounter::add(const std::byte* keys, std::int64_t n, std::int64_t width) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    const std::byte* key = keys + i * width;
    if (i > 0 && std::memcmp(key, key - width, static_cast<std::size_t>(width)) == 0) {
      ++repeated_;
      continue;
    }
    const std::uint64_t hash = hash_of(key, width);
    const auto rank = static_cast<std::byte>(std::countl_zero(hash << 16 | 0xffff) + 1);
    std::byte& most = registers_[hash >> 48];
    most = std::max(most, rank);
  }
}

std::int64_t DistinctCounter::most() const noexcept {
  double sum = 0;
  std::int64_t untouched = 0;
  for (std::int64_t i = 0; i < kRegisters; ++i) {
    sum += std::ldexp(1.0, -std::to_integer<int>(registers_[i]));
    untouched += registers_[i] == std::byte{0} ? 1 : 0;
  }
  constexpr double kCount = kRegisters;
  const double raw = 0.7213 / (1 + 1.079 / kCount) * kCount * kCount / sum;
  const bool few = raw <= 2.5 * kCount && untouched > 0;
  return repeated_ +
         std::llround(1.03 * (few ? kCount * std::log(kCount / static_cast<double>(untouched)) : raw));
}

}  // namespace varve::kernels
