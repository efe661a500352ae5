#pragma once

#include <cstdint>

namespace varve::kernels {

/// Is a key with the position it came from, in one word.
struct NarrowItem {
  std::uint64_t word;
  static NarrowItem of(std::uint64_t key, std::int64_t at) noexcept {
    return {key << 32 | static_cast<std::uint64_t>(at)};
  }
  [[nodiscard]] std::int64_t position() const noexcept {
    return static_cast<std::int64_t>(word & 0xffffffff);
  }
  friend bool operator<(const NarrowItem& a, const NarrowItem& b) noexcept { return a.word < b.word; }
};

/// Is a key with the position it came from.
struct WideItem {
  std::uint64_t key;
  std::int64_t at;
  static WideItem of(std::uint64_t key, std::int64_t at) noexcept { return {key, at}; }
  [[nodiscard]] std::int64_t position() const noexcept { return at; }
  friend bool operator<(const WideItem& a, const WideItem& b) noexcept {
    return a.key != b.key ? a.key < b.key : a.at < b.at;
  }
};

}  // namespace varve::kernels
