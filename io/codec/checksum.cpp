#include <algorithm>
#include <cstring>

#include "io/codec/byte_order.hpp"
#include "io/codec/codec.hpp"
#include "io/codec/crc32c.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

// ---- Fletcher-32 as HDF5 defines it: sums of big-endian 16-bit words modulo 65535.

// Reduces as repeated folding of the high half onto the low half does: 0 only for 0, otherwise 1..65535.
std::uint32_t fold(std::uint64_t sum) {
  return sum == 0 ? 0 : static_cast<std::uint32_t>((sum - 1) % 65535 + 1);
}

std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  constexpr std::size_t kWords =
      128;  // per block: the weighted sum, at most 128 * 129 / 2 * 65535, fits in 32 bits
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  const std::byte* data = bytes.data();
  std::size_t words = bytes.size() / 2;
  while (words > 0) {
    const std::size_t block = std::min(words, kWords);
    std::uint32_t sum = 0;
    std::uint32_t weighted = 0;
    for (std::size_t i = 0; i < block; ++i) {
      const auto word = static_cast<std::uint32_t>(std::to_integer<std::uint32_t>(data[2 * i]) << 8U |
                                                   std::to_integer<std::uint32_t>(data[2 * i + 1]));
      sum += word;
      weighted += static_cast<std::uint32_t>(block - i) * word;
    }
    second = fold(second + block * first + weighted);
    first = fold(first + sum);
    data += 2 * block;
    words -= block;
  }
  if (bytes.size() % 2 != 0) {
    first = fold(first + (std::to_integer<std::uint32_t>(*data) << 8U));
    second = fold(second + first);
  }
  return static_cast<std::uint32_t>(second << 16U | first);
}

// Files by HDF5 1.6.2 on little-endian machines have the bytes of each half swapped; HDF5 accepts both.
bool fletcher32_matches(std::uint32_t computed, std::uint32_t stored) {
  const std::uint32_t swapped = (computed & 0x00ff00ffU) << 8U | (computed >> 8U & 0x00ff00ffU);
  return stored == computed || stored == swapped;
}

// Appends four bytes, little-endian, to the data and checks and removes them on decoding.
template <class Sum>
class Checksum final : public Codec {
 public:
  [[nodiscard]] std::string name() const override { return Sum::kName; }
  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    return decoded_bytes + 4;
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    if (encoded.size() < 4) throw FormatError(name() + ": the checksum is cut off");
    const std::span<const std::byte> data = encoded.first(encoded.size() - 4);
    if (data.size() > decoded.size()) throw FormatError(name() + ": more bytes than the chunk holds");
    const auto stored = load_integer<std::uint32_t, std::endian::little>(encoded.last(4));
    if (!Sum::matches(Sum::compute(data), stored))
      throw FormatError(name() + ": the checksum does not match the data");
    if (!data.empty()) std::memcpy(decoded.data(), data.data(), data.size());
    return static_cast<std::int64_t>(data.size());
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    if (!decoded.empty()) std::memcpy(encoded.data(), decoded.data(), decoded.size());
    store_integer<std::uint32_t, std::endian::little>(Sum::compute(decoded), encoded.subspan(decoded.size()));
    return static_cast<std::int64_t>(decoded.size()) + 4;
  }
};

struct Fletcher32Sum {
  static constexpr const char* kName = "fletcher32";
  static std::uint32_t compute(std::span<const std::byte> bytes) { return fletcher32(bytes); }
  static bool matches(std::uint32_t computed, std::uint32_t stored) {
    return fletcher32_matches(computed, stored);
  }
};

struct Crc32cSum {
  static constexpr const char* kName = "crc32c";
  static std::uint32_t compute(std::span<const std::byte> bytes) { return crc32c(bytes); }
  static bool matches(std::uint32_t computed, std::uint32_t stored) { return computed == stored; }
};

}  // namespace

CodecPtr make_fletcher32() { return std::make_shared<Checksum<Fletcher32Sum>>(); }
CodecPtr make_crc32c() { return std::make_shared<Checksum<Crc32cSum>>(); }

}  // namespace varve::io
