#include <lz4.h>

#include <algorithm>
#include <cstring>

#include "io/codec/byte_order.hpp"
#include "io/codec/codec.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

std::int64_t block_bound(std::int64_t bytes) { return bytes + bytes / 255 + 16; }

void decode_block(std::span<const std::byte> encoded, std::span<std::byte> decoded) {
  const int produced = LZ4_decompress_safe(
      reinterpret_cast<const char*>(encoded.data()), reinterpret_cast<char*>(decoded.data()),
      static_cast<int>(encoded.size()), static_cast<int>(decoded.size()));
  if (produced < 0 || static_cast<std::size_t>(produced) != decoded.size()) {
    throw FormatError("lz4: corrupt or truncated block");
  }
}

std::int64_t encode_block(std::span<const std::byte> decoded, std::span<std::byte> encoded,
                          int acceleration) {
  const int produced = LZ4_compress_fast(
      reinterpret_cast<const char*>(decoded.data()), reinterpret_cast<char*>(encoded.data()),
      static_cast<int>(decoded.size()),
      static_cast<int>(std::min<std::size_t>(encoded.size(), LZ4_COMPRESSBOUND(LZ4_MAX_INPUT_SIZE))),
      acceleration);
  if (produced <= 0) throw Error("lz4: the output buffer is smaller than the bound");
  return produced;
}

// The framing of numcodecs: the decoded length as a little-endian int32, then one LZ4 block.
class Lz4 final : public Codec {
 public:
  explicit Lz4(int acceleration) : acceleration_(std::max(acceleration, 1)) {}
  [[nodiscard]] std::string name() const override { return "lz4:" + std::to_string(acceleration_); }

  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    if (decoded_bytes > LZ4_MAX_INPUT_SIZE) {
      throw FormatError("lz4: a chunk of " + std::to_string(decoded_bytes) +
                        " bytes exceeds the limit of 2113929216; use smaller chunks");
    }
    return kHeaderBytes + block_bound(decoded_bytes);
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    if (encoded.size() < kHeaderBytes) throw FormatError("lz4: the length is cut off");
    const auto length = load_integer<std::int32_t, std::endian::little>(encoded);
    if (length < 0 || static_cast<std::size_t>(length) > decoded.size()) {
      throw FormatError("lz4: the header says " + std::to_string(length) + " bytes, the chunk holds " +
                        std::to_string(decoded.size()));
    }
    decode_block(encoded.subspan(kHeaderBytes), decoded.first(static_cast<std::size_t>(length)));
    return length;
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    store_integer<std::int32_t, std::endian::little>(static_cast<std::int32_t>(decoded.size()), encoded);
    return kHeaderBytes + encode_block(decoded, encoded.subspan(kHeaderBytes), acceleration_);
  }

 private:
  static constexpr std::int64_t kHeaderBytes = 4;
  int acceleration_;
};

// HDF5 filter 32004, all integers big-endian: decoded length (8 bytes), block length (4); then per block its
// encoded length (4) and bytes, stored as they are where LZ4 did not make them smaller.
class Hdf5Lz4 final : public Codec {
 public:
  Hdf5Lz4(std::int64_t block_bytes, int acceleration)
      : block_bytes_(block_bytes <= 0 ? kDefaultBlockBytes : std::min(block_bytes, kDefaultBlockBytes)),
        acceleration_(std::max(acceleration, 1)) {}
  [[nodiscard]] std::string name() const override { return "lz4"; }

  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    // A foreign file may use another block length than ours; no block is stored longer than it was. The slack
    // lets LZ4 run into its own bound before the bytes are stored instead.
    const std::int64_t blocks = decoded_bytes / std::min<std::int64_t>(block_bytes_, 4096) + 1;
    return kHeaderBytes + decoded_bytes + 4 * blocks + block_bound(std::min(block_bytes_, decoded_bytes)) -
           std::min(block_bytes_, decoded_bytes);
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    if (encoded.size() < kHeaderBytes) throw FormatError("lz4: the header is cut off");
    const auto total = load_integer<std::uint64_t, std::endian::big>(encoded);
    const auto block = load_integer<std::uint32_t, std::endian::big>(encoded.subspan(8));
    if (total > decoded.size()) {
      throw FormatError("lz4: the header says " + std::to_string(total) + " bytes, the chunk holds " +
                        std::to_string(decoded.size()));
    }
    if (block == 0 || block > LZ4_MAX_INPUT_SIZE) throw FormatError("lz4: impossible block length");
    encoded = encoded.subspan(kHeaderBytes);
    for (std::size_t done = 0; done < total;) {
      const std::size_t length = std::min<std::size_t>(block, total - done);
      encoded = encoded.subspan(decode_one(encoded, decoded.subspan(done, length)));
      done += length;
    }
    return static_cast<std::int64_t>(total);
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    const std::size_t block =
        std::min(static_cast<std::size_t>(block_bytes_), std::max<std::size_t>(decoded.size(), 1));
    store_integer<std::uint64_t, std::endian::big>(decoded.size(), encoded);
    store_integer<std::uint32_t, std::endian::big>(static_cast<std::uint32_t>(block), encoded.subspan(8));
    std::size_t written = kHeaderBytes;
    while (!decoded.empty()) {
      const std::span<const std::byte> piece = decoded.first(std::min(block, decoded.size()));
      written += encode_one(piece, encoded.subspan(written));
      decoded = decoded.subspan(piece.size());
    }
    return static_cast<std::int64_t>(written);
  }

 private:
  static std::size_t decode_one(std::span<const std::byte> encoded, std::span<std::byte> decoded) {
    if (encoded.size() < 4) throw FormatError("lz4: a block header is cut off");
    const auto length = load_integer<std::uint32_t, std::endian::big>(encoded);
    if (length > encoded.size() - 4) throw FormatError("lz4: a block is cut off");
    const std::span<const std::byte> bytes = encoded.subspan(4, length);
    if (length == decoded.size()) {
      std::memcpy(decoded.data(), bytes.data(), length);
    } else {
      decode_block(bytes, decoded);
    }
    return 4 + length;
  }

  std::size_t encode_one(std::span<const std::byte> decoded, std::span<std::byte> encoded) const {
    std::span<std::byte> body = encoded.subspan(4);
    auto length = static_cast<std::size_t>(encode_block(decoded, body, acceleration_));
    if (length >= decoded.size()) {
      length = decoded.size();
      std::memcpy(body.data(), decoded.data(), length);
    }
    store_integer<std::uint32_t, std::endian::big>(static_cast<std::uint32_t>(length), encoded);
    return 4 + length;
  }

  static constexpr std::int64_t kHeaderBytes = 12;
  static constexpr std::int64_t kDefaultBlockBytes = std::int64_t{1} << 30;
  std::int64_t block_bytes_;
  int acceleration_;
};

}  // namespace

CodecPtr make_lz4(int acceleration) { return std::make_shared<Lz4>(acceleration); }
CodecPtr make_hdf5_lz4(std::int64_t block_bytes, int acceleration) {
  return std::make_shared<Hdf5Lz4>(block_bytes, acceleration);
}

}  // namespace varve::io
