#include "io/format/hdf5_bitshuffle.hpp"

#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "io/codec/byte_order.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// The filter's own defaults. Blocks are small so that they stay in the first-level cache.
constexpr std::int64_t kTargetBlockBytes = 8192;
constexpr std::int64_t kSmallestDefaultBlock = 128;
constexpr std::int64_t kGroup = 8;  // bits of 8 elements make a byte
// Bounds the scratch on the stack; real files use 8 KiB.
constexpr std::size_t kLargestBlockBytes = std::size_t{64} << 10U;
constexpr std::size_t kHeaderBytes = 12;  // decoded bytes (8), block bytes (4), both big-endian
constexpr int kZstdLevel = 3;

std::int64_t default_block(std::int64_t element_bytes) {
  return std::max(kTargetBlockBytes / element_bytes / kGroup * kGroup, kSmallestDefaultBlock);
}

/// Transposes 8 x 8 bits: bit i of byte k becomes bit k of byte i.
std::uint64_t transpose_bits(std::uint64_t x) {
  std::uint64_t t = (x ^ (x >> 7U)) & 0x00aa00aa00aa00aaULL;
  x ^= t ^ (t << 7U);
  t = (x ^ (x >> 14U)) & 0x0000cccc0000ccccULL;
  x ^= t ^ (t << 14U);
  t = (x ^ (x >> 28U)) & 0x00000000f0f0f0f0ULL;
  return x ^ t ^ (t << 28U);
}

/// Moves between elements and bit planes: plane (byte, bit) holds that bit of `count` elements, a multiple
/// of 8.
template <bool to_planes>
void shuffle_bits(const std::byte* from, std::byte* to, std::int64_t count, std::int64_t element_bytes) {
  const std::int64_t plane_bytes = count / kGroup;
  for (std::int64_t byte = 0; byte < element_bytes; ++byte) {
    for (std::int64_t group = 0; group < plane_bytes; ++group) {
      const auto in_plane = [&](std::int64_t bit) { return (byte * 8 + bit) * plane_bytes + group; };
      const auto in_element = [&](std::int64_t i) { return (group * kGroup + i) * element_bytes + byte; };
      std::uint64_t bits = 0;
      for (std::int64_t i = 0; i < 8; ++i) {
        const std::byte value = from[to_planes ? in_element(i) : in_plane(i)];
        bits |= std::to_integer<std::uint64_t>(value) << static_cast<unsigned>(8 * i);
      }
      bits = transpose_bits(bits);
      for (std::int64_t i = 0; i < 8; ++i) {
        to[to_planes ? in_plane(i) : in_element(i)] =
            static_cast<std::byte>(bits >> static_cast<unsigned>(8 * i));
      }
    }
  }
}

class Bitshuffle final : public Codec {
 public:
  Bitshuffle(std::int64_t element_bytes, std::int64_t block_elements, BitshuffleCompressor compressor)
      : element_bytes_(element_bytes),
        block_elements_(block_elements > 0 ? block_elements : default_block(element_bytes)),
        compressor_(compressor) {
    check_block(block_elements_ * element_bytes_);
  }

  [[nodiscard]] std::string name() const override {
    constexpr const char* kNames[] = {"", "", ":lz4", ":zstd"};
    return std::string("bitshuffle") + kNames[static_cast<int>(compressor_)];
  }

  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    if (compressor_ == BitshuffleCompressor::none) return decoded_bytes;
    constexpr std::int64_t kPerBlock = 512;  // its length, and what the compressors add to at most 64 KiB
    const std::int64_t blocks = decoded_bytes / (block_elements_ * element_bytes_) + 2;
    return static_cast<std::int64_t>(kHeaderBytes) + decoded_bytes + blocks * kPerBlock;
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    if (compressor_ == BitshuffleCompressor::none) {
      if (encoded.size() > decoded.size()) throw FormatError("bitshuffle: more bytes than the chunk holds");
      return decode_blocks(encoded, decoded.first(encoded.size()), block_elements_);
    }
    if (encoded.size() < kHeaderBytes) throw FormatError("bitshuffle: the header is cut off");
    const auto bytes = load_integer<std::uint64_t, std::endian::big>(encoded);
    const auto block_bytes = std::int64_t{load_integer<std::uint32_t, std::endian::big>(encoded.subspan(8))};
    if (bytes > decoded.size()) throw FormatError("bitshuffle: more bytes than the chunk holds");
    check_block(block_bytes);
    return decode_blocks(encoded.subspan(kHeaderBytes), decoded.first(bytes), block_bytes / element_bytes_);
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    std::size_t at = 0;
    if (compressor_ != BitshuffleCompressor::none) {
      store_integer<std::uint64_t, std::endian::big>(decoded.size(), encoded);
      const auto block_bytes = static_cast<std::uint32_t>(block_elements_ * element_bytes_);
      store_integer<std::uint32_t, std::endian::big>(block_bytes, encoded.subspan(8));
      at = kHeaderBytes;
    }
    for_each_block(decoded.size(), block_elements_, [&](std::size_t first, std::int64_t count) {
      const auto bytes = static_cast<std::size_t>(count * element_bytes_);
      std::array<std::byte, kLargestBlockBytes> planes;
      shuffle_bits<true>(decoded.data() + first, planes.data(), count, element_bytes_);
      at += store_block(std::span<const std::byte>(planes).first(bytes), encoded.subspan(at));
    });
    const std::size_t rest = rest_bytes(decoded.size());
    if (rest > 0) std::memcpy(encoded.data() + at, decoded.data() + decoded.size() - rest, rest);
    return static_cast<std::int64_t>(at + rest);
  }

 private:
  void check_block(std::int64_t bytes) const {
    if (bytes > 0 && bytes % (kGroup * element_bytes_) == 0 &&
        bytes <= static_cast<std::int64_t>(kLargestBlockBytes)) {
      return;
    }
    throw FormatError("bitshuffle: blocks of " + std::to_string(bytes) + " bytes are not supported");
  }

  /// Returns the bytes behind the last whole group of 8 elements: they are stored as they are.
  [[nodiscard]] std::size_t rest_bytes(std::size_t total) const {
    return total % static_cast<std::size_t>(kGroup * element_bytes_);
  }

  /// Calls visit(first byte, elements) for every block: full ones, then what is left of whole groups.
  template <class Visit>
  void for_each_block(std::size_t total, std::int64_t block_elements, const Visit& visit) const {
    const auto block = static_cast<std::size_t>(block_elements * element_bytes_);
    const std::size_t end = total - rest_bytes(total);
    for (std::size_t first = 0; first < end; first += block) {
      visit(first, static_cast<std::int64_t>(std::min(block, end - first)) / element_bytes_);
    }
  }

  std::int64_t decode_blocks(std::span<const std::byte> encoded, std::span<std::byte> decoded,
                             std::int64_t block_elements) const {
    const auto take = [&](std::size_t bytes) {
      if (bytes > encoded.size()) throw FormatError("bitshuffle: the data are cut off");
      const auto taken = encoded.first(bytes);
      encoded = encoded.subspan(bytes);
      return taken;
    };
    for_each_block(decoded.size(), block_elements, [&](std::size_t first, std::int64_t count) {
      const auto bytes = static_cast<std::size_t>(count * element_bytes_);
      std::array<std::byte, kLargestBlockBytes> planes;
      const std::byte* source = planes.data();
      if (compressor_ == BitshuffleCompressor::none) {
        source = take(bytes).data();
      } else {
        const auto size = load_integer<std::uint32_t, std::endian::big>(take(4));
        decompress(take(size), std::span(planes).first(bytes));
      }
      shuffle_bits<false>(source, decoded.data() + first, count, element_bytes_);
    });
    const auto rest = take(rest_bytes(decoded.size()));
    std::copy(rest.begin(), rest.end(), decoded.end() - static_cast<std::ptrdiff_t>(rest.size()));
    return static_cast<std::int64_t>(decoded.size());
  }

  void decompress(std::span<const std::byte> from, std::span<std::byte> to) const {
    bool complete = false;
    if (compressor_ == BitshuffleCompressor::lz4) {
      const int bytes = LZ4_decompress_safe(
          reinterpret_cast<const char*>(from.data()), reinterpret_cast<char*>(to.data()),
          static_cast<int>(std::min(from.size(), 2 * kLargestBlockBytes)), static_cast<int>(to.size()));
      complete = bytes == static_cast<int>(to.size());
    } else {
      complete = ZSTD_decompress(to.data(), to.size(), from.data(), from.size()) == to.size();
    }
    if (!complete) throw FormatError("bitshuffle: corrupt block");
  }

  /// Writes one block of planes, compressed behind its length; returns the bytes written.
  std::size_t store_block(std::span<const std::byte> planes, std::span<std::byte> to) const {
    if (compressor_ == BitshuffleCompressor::none) {
      std::memcpy(to.data(), planes.data(), planes.size());
      return planes.size();
    }
    const auto room = to.subspan(4);
    std::size_t size = 0;
    if (compressor_ == BitshuffleCompressor::lz4) {
      const auto capacity = static_cast<int>(std::min(room.size(), 2 * kLargestBlockBytes));
      size = static_cast<std::size_t>(LZ4_compress_default(reinterpret_cast<const char*>(planes.data()),
                                                           reinterpret_cast<char*>(room.data()),
                                                           static_cast<int>(planes.size()), capacity));
    } else {
      size = ZSTD_compress(room.data(), room.size(), planes.data(), planes.size(), kZstdLevel);
    }
    if (size == 0 || ZSTD_isError(size) != 0)
      throw Error("bitshuffle: the output buffer is smaller than the bound");
    store_integer<std::uint32_t, std::endian::big>(static_cast<std::uint32_t>(size), to);
    return 4 + size;
  }

  std::int64_t element_bytes_;
  std::int64_t block_elements_;
  BitshuffleCompressor compressor_;
};

}  // namespace

CodecPtr make_bitshuffle(std::int64_t element_bytes, std::int64_t block_elements,
                         BitshuffleCompressor compressor) {
  return std::make_shared<Bitshuffle>(element_bytes, block_elements, compressor);
}

}  // namespace varve::io::hdf5
