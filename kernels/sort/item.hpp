#pragma once

#include <cstdint>

#include "kernels/sort/complex_key.hpp"

namespace varve::kernels {

/// A key with the position it came from, in one word.
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

/// A key with the position it came from.
template <class Key>
struct WideItemOf {
  Key key;
  std::int64_t at;
  static WideItemOf of(const Key& key, std::int64_t at) noexcept { return {key, at}; }
  [[nodiscard]] std::int64_t position() const noexcept { return at; }
  friend bool operator<(const WideItemOf& a, const WideItemOf& b) noexcept {
    return a.key != b.key ? a.key < b.key : a.at < b.at;
  }
};
using WideItem = WideItemOf<std::uint64_t>;
using WidestItem = WideItemOf<WideKey>;

}  // namespace varve::kernels
