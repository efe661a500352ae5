#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace varve::io {

/// Reads an integer of the given byte order from the start of `bytes`, which must hold it.
template <class T, std::endian order>
[[nodiscard]] T load_integer(std::span<const std::byte> bytes) noexcept {
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const std::size_t from = order == std::endian::big ? i : sizeof(T) - 1 - i;
    value = static_cast<std::make_unsigned_t<T>>((sizeof(T) == 1 ? 0U : value << 8U) |
                                                 std::to_integer<unsigned>(bytes[from]));
  }
  return static_cast<T>(value);
}

/// Writes an integer in the given byte order to the start of `bytes`, which must have room.
template <class T, std::endian order>
void store_integer(T number, std::span<std::byte> bytes) noexcept {
  auto value = static_cast<std::make_unsigned_t<T>>(number);
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const std::size_t to = order == std::endian::big ? sizeof(T) - 1 - i : i;
    bytes[to] = static_cast<std::byte>(value & 0xffU);
    value = static_cast<std::make_unsigned_t<T>>(sizeof(T) == 1 ? 0U : value >> 8U);
  }
}

/// Copies `from` to `to` (which may be the same bytes), reversing the bytes of every whole word of
/// `word_bytes`; bytes after the last whole word are copied as they are. `to` has at least the size of
/// `from`.
void reverse_words(std::span<const std::byte> from, std::span<std::byte> to,
                   std::int64_t word_bytes) noexcept;

}  // namespace varve::io
