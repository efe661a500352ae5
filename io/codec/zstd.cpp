#include <zstd.h>

#include <algorithm>
#include <new>

#include "io/codec/codec.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

struct Free {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

// One context per thread: allocating one per chunk would cost more than decoding a small chunk.
ZSTD_DCtx* thread_decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> cached(ZSTD_createDCtx());
  if (!cached) throw std::bad_alloc();
  return cached.get();
}

ZSTD_CCtx* thread_compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> cached(ZSTD_createCCtx());
  if (!cached) throw std::bad_alloc();
  return cached.get();
}

class Zstd final : public Codec {
 public:
  explicit Zstd(int level) : level_(level < 0 ? ZSTD_CLEVEL_DEFAULT : std::min(level, ZSTD_maxCLevel())) {}

  [[nodiscard]] std::string name() const override { return "zstd:" + std::to_string(level_); }

  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    // Slack beyond ZSTD_compressBound for other writers: checksums, several frames, skippable frames.
    return decoded_bytes + decoded_bytes / 128 + 1024;
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    const std::size_t bytes = ZSTD_decompressDCtx(thread_decompressor(), decoded.data(), decoded.size(),
                                                  encoded.data(), encoded.size());
    if (ZSTD_isError(bytes) != 0) throw FormatError(std::string("zstd: ") + ZSTD_getErrorName(bytes));
    return static_cast<std::int64_t>(bytes);
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    const std::size_t bytes = ZSTD_compressCCtx(thread_compressor(), encoded.data(), encoded.size(),
                                                decoded.data(), decoded.size(), level_);
    if (ZSTD_isError(bytes) != 0) throw Error(std::string("zstd: ") + ZSTD_getErrorName(bytes));
    return static_cast<std::int64_t>(bytes);
  }

 private:
  int level_;
};

}  // namespace

CodecPtr make_zstd(int level) { return std::make_shared<Zstd>(level); }

}  // namespace varve::io
