#include <algorithm>
#include <cstring>

#include "io/codec/byte_order.hpp"

namespace varve::io {
namespace {

std::uint16_t reversed(std::uint16_t value) { return __builtin_bswap16(value); }
std::uint32_t reversed(std::uint32_t value) { return __builtin_bswap32(value); }
std::uint64_t reversed(std::uint64_t value) { return __builtin_bswap64(value); }

template <class Word>
std::size_t swap_words(const std::byte* from, std::byte* to, std::size_t bytes) {
  const std::size_t count = bytes / sizeof(Word);
  for (std::size_t i = 0; i < count; ++i) {
    Word word;
    std::memcpy(&word, from + i * sizeof(Word), sizeof(Word));
    word = reversed(word);
    std::memcpy(to + i * sizeof(Word), &word, sizeof(Word));
  }
  return count * sizeof(Word);
}

std::size_t swap_elements(const std::byte* from, std::byte* to, std::size_t bytes, std::size_t size) {
  std::size_t done = 0;
  for (; size > 1 && done + size <= bytes; done += size) {
    if (from != to) std::memcpy(to + done, from + done, size);
    std::reverse(to + done, to + done + size);
  }
  return done;
}

}  // namespace

void reverse_words(std::span<const std::byte> from, std::span<std::byte> to,
                   std::int64_t word_bytes) noexcept {
  std::size_t done = 0;
  switch (word_bytes) {
    case 2:
      done = swap_words<std::uint16_t>(from.data(), to.data(), from.size());
      break;
    case 4:
      done = swap_words<std::uint32_t>(from.data(), to.data(), from.size());
      break;
    case 8:
      done = swap_words<std::uint64_t>(from.data(), to.data(), from.size());
      break;
    default:
      done = swap_elements(from.data(), to.data(), from.size(), static_cast<std::size_t>(word_bytes));
  }
  if (from.size() > done && from.data() != to.data()) {
    std::memcpy(to.data() + done, from.data() + done, from.size() - done);
  }
}

}  // namespace varve::io
