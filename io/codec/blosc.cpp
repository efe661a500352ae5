#include <blosc.h>

#include <algorithm>

#include "io/codec/codec.hpp"
#include "io/codec/zstd_encoder.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr int kDefaultLevel = 5;

class Blosc final : public Codec {
 public:
  Blosc(std::string inner, int level, int shuffle, std::int64_t type_bytes, std::int64_t block_bytes)
      : inner_(std::move(inner)),
        level_(level < 0 ? kDefaultLevel : std::min(level, 9)),
        shuffle_(shuffle),
        type_bytes_(std::clamp<std::int64_t>(type_bytes, 1, BLOSC_MAX_TYPESIZE)),
        block_bytes_(std::clamp<std::int64_t>(block_bytes, 0, BLOSC_MAX_BUFFERSIZE)) {
    if (blosc_compname_to_compcode(inner_.c_str()) < 0) {
      throw FormatError("blosc: the compressor \"" + inner_ + "\" is unknown or not built in");
    }
  }

  [[nodiscard]] std::string name() const override {
    const char* mode = shuffle_ == BLOSC_NOSHUFFLE    ? ":noshuffle"
                       : shuffle_ == BLOSC_BITSHUFFLE ? ":bitshuffle"
                                                      : "";
    return "blosc:" + inner_ + ":" + std::to_string(level_) + mode;
  }

  [[nodiscard]] bool decodes_slowly() const override { return inner_ == "zlib" || inner_ == "zstd"; }

  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    if (decoded_bytes > BLOSC_MAX_BUFFERSIZE) {
      throw FormatError("blosc: a chunk of " + std::to_string(decoded_bytes) +
                        " bytes exceeds the limit of " + std::to_string(BLOSC_MAX_BUFFERSIZE) +
                        "; use smaller chunks");
    }
    return decoded_bytes + BLOSC_MAX_OVERHEAD;
  }

  // Blosc keeps up to three of its blocks beside what the compressor inside takes.
  [[nodiscard]] std::int64_t encoder_bytes(std::int64_t decoded_bytes) const override {
    const std::int64_t block = std::min(block_bound(), decoded_bytes) + 4 * type_bytes_;
    return 3 * block + compressor_bytes(block);
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    std::size_t declared = 0;
    if (encoded.size() < BLOSC_MIN_HEADER_LENGTH ||
        blosc_cbuffer_validate(encoded.data(), encoded.size(), &declared) != 0) {
      throw FormatError("blosc: corrupt header, or the buffer is cut off");
    }
    if (declared > decoded.size()) {
      throw FormatError("blosc: the header says " + std::to_string(declared) + " bytes, the chunk holds " +
                        std::to_string(decoded.size()));
    }
    const int bytes = blosc_decompress_ctx(encoded.data(), decoded.data(), decoded.size(), 1);
    if (bytes < 0 || static_cast<std::size_t>(bytes) != declared) throw FormatError("blosc: corrupt block");
    return bytes;
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    // Blosc stores the bytes as they are only when the room runs out: more room than the bound would let them
    // grow.
    const std::size_t room = std::min(encoded.size(), decoded.size() + BLOSC_MAX_OVERHEAD);
    const int bytes = blosc_compress_ctx(level_, shuffle_, static_cast<std::size_t>(type_bytes_),
                                         decoded.size(), decoded.data(), encoded.data(), room, inner_.c_str(),
                                         static_cast<std::size_t>(block_bytes_), 1);
    if (bytes <= 0) throw Error("blosc: compression failed");
    return bytes;
  }

 private:
  // Bounds the block that Blosc chooses: 32 KiB for the first-level cache, times a factor of the level; where
  // it splits blocks by bytes of elements, 64 KiB per byte; at most 1 MiB.
  [[nodiscard]] std::int64_t block_bound() const {
    constexpr std::int64_t kLargest = 1 << 20;
    if (block_bytes_ > 0) return block_bytes_;
    const bool thorough = inner_ == "lz4hc" || inner_ == "zlib" || inner_ == "zstd";
    const std::int64_t cached = (std::int64_t{256} << 10) * (thorough ? 4 : 1);
    return std::max(cached, std::min((std::int64_t{64} << 10) * type_bytes_, kLargest));
  }

  [[nodiscard]] std::int64_t compressor_bytes(std::int64_t block_bytes) const {
    constexpr std::int64_t kOthers = 320 << 10;  // zlib and lz4hc: 256 KiB of tables
    constexpr int kThorough = 22;                // zstd's level for Blosc's level 9; below, 2 * level - 1
    if (inner_ != "zstd") return kOthers;
    return zstd_encoder_bytes(level_ == 9 ? kThorough : std::max(2 * level_ - 1, 1), block_bytes);
  }

  std::string inner_;
  int level_;
  int shuffle_;
  std::int64_t type_bytes_;
  std::int64_t block_bytes_;
};

}  // namespace

CodecPtr make_blosc(const std::string& inner, int level, int shuffle, std::int64_t type_bytes,
                    std::int64_t block_bytes) {
  return std::make_shared<Blosc>(inner, level, shuffle, type_bytes, block_bytes);
}

}  // namespace varve::io
