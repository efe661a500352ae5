#include <blosc.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

#include "io/codec/codec.hpp"
#include "io/codec/zstd_encoder.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr int kDefaultLevel = 5;

// What malloc may keep of memory that was freed. Blosc takes up to 2 MiB for a chunk and frees them again,
// which malloc keeps in as many heaps as there are threads, and in pieces: 32 threads on two processors held
// 60 MiB so.
constexpr std::size_t kMaxKeptBytes = std::size_t{16} << 20U;

// Counts memory that was taken from malloc and freed. Now and then gives back what malloc keeps of it.
void count_freed(std::int64_t bytes) {
#if defined(__GLIBC__)
  constexpr std::int64_t kLookEvery = std::int64_t{8} << 20U;
  static std::atomic<std::int64_t> since_last_look{0};
  if (since_last_look.fetch_add(bytes, std::memory_order_relaxed) + bytes < kLookEvery) return;
  since_last_look.store(0, std::memory_order_relaxed);
  if (::mallinfo2().fordblks > kMaxKeptBytes) ::malloc_trim(0);
#endif
}

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

  // Blosc keeps two of its blocks beside what the compressor inside takes.
  [[nodiscard]] std::int64_t encoder_bytes(std::int64_t decoded_bytes) const override {
    const std::int64_t block = std::min(block_bound(), decoded_bytes) + 4 * type_bytes_;
    return 2 * block + compressor_bytes(block);
  }

  // Two of its blocks, and what zstd keeps of a stream.
  [[nodiscard]] std::int64_t decoder_bytes(std::int64_t decoded_bytes) const override {
    constexpr std::int64_t kZstd = 160 << 10;
    const std::int64_t block = std::min(block_bound(), decoded_bytes) + 4 * type_bytes_;
    return 2 * block + (inner_ == "zstd" ? kZstd : 0);
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
    // Blocks that are larger than their metadata let expect take memory that nobody counted: one at a time.
    std::unique_lock<std::mutex> alone;
    if (block_of(encoded) > block_bound()) alone = std::unique_lock(uncounted_mutex());
    const int bytes = blosc_decompress_ctx(encoded.data(), decoded.data(), decoded.size(), 1);
    count_freed(2 * block_of(encoded));
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
    count_freed(encoder_bytes(static_cast<std::int64_t>(decoded.size())));
    return bytes;
  }

 private:
  static std::int64_t block_of(std::span<const std::byte> encoded) {
    std::size_t decoded_bytes = 0;
    std::size_t encoded_bytes = 0;
    std::size_t block_bytes = 0;
    blosc_cbuffer_sizes(encoded.data(), &decoded_bytes, &encoded_bytes, &block_bytes);
    return static_cast<std::int64_t>(block_bytes);
  }

  static std::mutex& uncounted_mutex() {
    static std::mutex mutex;
    return mutex;
  }

  // Bounds the block that Blosc chooses: 32 KiB for the first-level cache, twice that for thorough
  // compressors, times a factor of the level; where it splits blocks by bytes of elements, up to 256 KiB per
  // byte, but at most 1 MiB. Measured with 1.21.3 for all levels and elements of 1 to 16 bytes.
  [[nodiscard]] std::int64_t block_bound() const {
    constexpr std::int64_t kCache = 32 << 10;
    constexpr std::array<std::int64_t, 10> kFactors = {1, 1, 1, 2, 4, 4, 8, 8, 8, 8};
    if (block_bytes_ > 0) return block_bytes_;
    const bool thorough = inner_ == "lz4hc" || inner_ == "zlib" || inner_ == "zstd";
    const std::int64_t whole = kCache * kFactors[static_cast<std::size_t>(std::max(level_, 0))] *
                               (thorough ? 2 : 1) * (thorough && level_ == 9 ? 2 : 1);
    const std::int64_t split =
        std::min<std::int64_t>(std::min<std::int64_t>(whole, 256 << 10) * type_bytes_, 1 << 20);
    return std::max({whole, split, std::int64_t{64} << 10});
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
