#include <lzf.h>

#include <limits>

#include "io/codec/codec.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

class Lzf final : public Codec {
 public:
  [[nodiscard]] std::string name() const override { return "lzf"; }

  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    if (decoded_bytes > std::numeric_limits<std::int32_t>::max()) {
      throw FormatError("lzf: a chunk of " + std::to_string(decoded_bytes) +
                        " bytes exceeds the limit of 2 GiB; use smaller chunks");
    }
    return decoded_bytes * 33 / 32 + 8;  // one control byte for 32 literals
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    const unsigned bytes = lzf_decompress(encoded.data(), static_cast<unsigned>(encoded.size()),
                                          decoded.data(), static_cast<unsigned>(decoded.size()));
    if (bytes == 0)
      throw FormatError("lzf: corrupt stream, or it decodes to more bytes than the chunk holds");
    return bytes;
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    const unsigned bytes = lzf_compress(decoded.data(), static_cast<unsigned>(decoded.size()), encoded.data(),
                                        static_cast<unsigned>(encoded.size()));
    if (bytes == 0) throw Error("lzf: the output buffer is smaller than the bound");
    return bytes;
  }
};

}  // namespace

CodecPtr make_lzf() { return std::make_shared<Lzf>(); }

}  // namespace varve::io
