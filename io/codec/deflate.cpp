#include <libdeflate.h>

#include <algorithm>
#include <new>

#include "io/codec/codec.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr int kDefaultLevel = 6;
constexpr std::int64_t kEncoderBytes = 704 << 10;  // measured: 656 KiB at levels 2 to 9, 200 KiB at level 1

struct Free {
  void operator()(libdeflate_decompressor* d) const noexcept { libdeflate_free_decompressor(d); }
  void operator()(libdeflate_compressor* c) const noexcept { libdeflate_free_compressor(c); }
};

// One decompressor per thread: 11 KiB, allocated once instead of per chunk.
libdeflate_decompressor* thread_decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> cached(libdeflate_alloc_decompressor());
  if (!cached) throw std::bad_alloc();
  return cached.get();
}

// One compressor per thread, for the level used last.
libdeflate_compressor* thread_compressor(int level) {
  thread_local std::unique_ptr<libdeflate_compressor, Free> cached;
  thread_local int cached_level = -1;
  if (!cached || cached_level != level) {
    cached.reset();
    cached.reset(libdeflate_alloc_compressor(level));
    if (!cached) throw std::bad_alloc();
    cached_level = level;
  }
  return cached.get();
}

class Deflate : public Codec {
 public:
  explicit Deflate(int level) : level_(level < 0 ? kDefaultLevel : std::min(level, 9)) {}

  // Wider than libdeflate's own bound: other writers' streams are read into buffers of this size too (small
  // windows, many flushes, several gzip members).
  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    return decoded_bytes + decoded_bytes / 32 + 1024;
  }

  [[nodiscard]] std::int64_t encoder_bytes(std::int64_t /*decoded_bytes*/) const override {
    return kEncoderBytes;
  }

 protected:
  static void check(libdeflate_result result) {
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
      throw FormatError("deflate: decodes to more bytes than the chunk holds");
    if (result != LIBDEFLATE_SUCCESS) throw FormatError("deflate: corrupt or truncated stream");
  }
  static std::int64_t check_encoded(std::size_t bytes) {
    if (bytes == 0) throw Error("deflate: the output buffer is smaller than the bound");
    return static_cast<std::int64_t>(bytes);
  }
  int level_;
};

class Gzip final : public Deflate {
 public:
  using Deflate::Deflate;
  [[nodiscard]] std::string name() const override { return "gzip:" + std::to_string(level_); }
  [[nodiscard]] bool decodes_slowly() const override { return true; }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    std::size_t total = 0;
    do {  // RFC 1952: a file is one or more members
      std::size_t consumed = 0;
      std::size_t produced = 0;
      check(libdeflate_gzip_decompress_ex(thread_decompressor(), encoded.data(), encoded.size(),
                                          decoded.data() + total, decoded.size() - total, &consumed,
                                          &produced));
      total += produced;
      encoded = encoded.subspan(consumed);
    } while (!encoded.empty());
    return static_cast<std::int64_t>(total);
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    return check_encoded(libdeflate_gzip_compress(thread_compressor(level_), decoded.data(), decoded.size(),
                                                  encoded.data(), encoded.size()));
  }
};

class Zlib final : public Deflate {
 public:
  using Deflate::Deflate;
  [[nodiscard]] std::string name() const override { return "zlib:" + std::to_string(level_); }
  [[nodiscard]] bool decodes_slowly() const override { return true; }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    std::size_t consumed = 0;  // bytes after the stream are ignored, as zlib and HDF5 do
    std::size_t produced = 0;
    check(libdeflate_zlib_decompress_ex(thread_decompressor(), encoded.data(), encoded.size(), decoded.data(),
                                        decoded.size(), &consumed, &produced));
    return static_cast<std::int64_t>(produced);
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    return check_encoded(libdeflate_zlib_compress(thread_compressor(level_), decoded.data(), decoded.size(),
                                                  encoded.data(), encoded.size()));
  }
};

}  // namespace

CodecPtr make_gzip(int level) { return std::make_shared<Gzip>(level); }
CodecPtr make_zlib(int level) { return std::make_shared<Zlib>(level); }

}  // namespace varve::io
