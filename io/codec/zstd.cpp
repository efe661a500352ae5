#define ZSTD_STATIC_LINKING_ONLY  // for contexts in memory of ours; libzstd exports them
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "io/codec/codec.hpp"
#include "io/codec/zstd_encoder.hpp"
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

std::int64_t check_encoded(std::size_t bytes) {
  if (ZSTD_isError(bytes) != 0) throw Error(std::string("zstd: ") + ZSTD_getErrorName(bytes));
  return static_cast<std::int64_t>(bytes);
}

class Zstd final : public Codec {
 public:
  explicit Zstd(int level) : level_(level < 0 ? ZSTD_CLEVEL_DEFAULT : std::min(level, ZSTD_maxCLevel())) {}

  [[nodiscard]] std::string name() const override { return "zstd:" + std::to_string(level_); }
  [[nodiscard]] bool decodes_slowly() const override { return true; }

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
    return check_encoded(ZSTD_compressCCtx(thread_compressor(), encoded.data(), encoded.size(),
                                           decoded.data(), decoded.size(), level_));
  }

  [[nodiscard]] std::int64_t encoder_bytes(std::int64_t decoded_bytes) const override {
    return zstd_encoder_bytes(level_, decoded_bytes);
  }

  std::int64_t encode_with(std::span<const std::byte> decoded, std::span<std::byte> encoded,
                           std::span<std::byte> tables) const override {
    const auto needed = static_cast<std::size_t>(encoder_bytes(static_cast<std::int64_t>(decoded.size())));
    const bool aligned = reinterpret_cast<std::uintptr_t>(tables.data()) % alignof(std::max_align_t) == 0;
    ZSTD_CCtx* context =
        tables.size() >= needed && aligned ? ZSTD_initStaticCCtx(tables.data(), needed) : nullptr;
    if (context == nullptr) return encode(decoded, encoded);
    return check_encoded(
        ZSTD_compressCCtx(context, encoded.data(), encoded.size(), decoded.data(), decoded.size(), level_));
  }

 private:
  int level_;
};

}  // namespace

std::int64_t zstd_encoder_bytes(int level, std::int64_t decoded_bytes) {
  // An empty input counts as one of unknown length here, but not when it is encoded.
  const auto length = static_cast<unsigned long long>(std::max<std::int64_t>(decoded_bytes, 1));
  return static_cast<std::int64_t>(ZSTD_estimateCCtxSize_usingCParams(ZSTD_getCParams(level, length, 0)));
}

CodecPtr make_zstd(int level) { return std::make_shared<Zstd>(level); }

}  // namespace varve::io
