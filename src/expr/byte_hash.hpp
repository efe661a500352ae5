#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "expr/index_map.hpp"

namespace varve::expr {

/// Hashes a stream of bytes, eight at a time: data may be as large as memory, and byte by byte is too slow
/// for that.
class ByteHash {
 public:
  void add(const std::byte* data, std::size_t bytes) noexcept {
    for (; bytes >= sizeof(std::uint64_t); data += sizeof(std::uint64_t), bytes -= sizeof(std::uint64_t)) {
      add_word(load(data, sizeof(std::uint64_t)));
    }
    if (bytes > 0) add_word(load(data, bytes));
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return mix_hash(12, state_); }

 private:
  static std::uint64_t load(const std::byte* data, std::size_t bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, data, bytes);
    return word;
  }
  // An odd factor keeps every step invertible; the rotation carries high bits, which products never reach,
  // down again.
  void add_word(std::uint64_t word) noexcept {
    state_ = std::rotl((state_ ^ word) * 0x9e3779b97f4a7c15ULL, 29);
  }

  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

}  // namespace varve::expr
