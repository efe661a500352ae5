#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace varve::io {

/// Turns bytes into other bytes and back. Stateless and thread-safe; never allocates memory in proportion to
/// the data.
class Codec {
 public:
  virtual ~Codec() = default;
  [[nodiscard]] virtual std::string name() const = 0;  ///< for people: "gzip:1"
  /// Tells that decoding undoes an entropy coder: several times slower than copying.
  [[nodiscard]] virtual bool decodes_slowly() const { return false; }

  /// Returns the largest size that `encode` can produce from `decoded_bytes` (0 <= decoded_bytes).
  [[nodiscard]] virtual std::int64_t encoded_bound(std::int64_t decoded_bytes) const = 0;

  /// Decodes all of `encoded` into `decoded`, whose size is an upper limit; returns the number of bytes
  /// produced. Errors: FormatError if the bytes are corrupt or would not fit; the caller adds location and
  /// chunk.
  virtual std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const = 0;

  /// Encodes; `encoded` has at least `encoded_bound` bytes; returns the number of bytes produced.
  virtual std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const = 0;

  /// Returns the memory that `encode` takes for its tables beside input and output; up to 100 KiB count as
  /// nothing.
  [[nodiscard]] virtual std::int64_t encoder_bytes(std::int64_t decoded_bytes) const;
  /// Returns the memory that `decode` takes from malloc for a chunk of so many bytes; up to 200 KiB count as
  /// nothing.
  [[nodiscard]] virtual std::int64_t decoder_bytes(std::int64_t decoded_bytes) const;
  /// Encodes with its tables in `tables` where the codec can place them, and there are `encoder_bytes` of it.
  virtual std::int64_t encode_with(std::span<const std::byte> decoded, std::span<std::byte> encoded,
                                   std::span<std::byte> tables) const;
};

using CodecPtr = std::shared_ptr<const Codec>;

/// A sequence of codecs in the order of encoding. Decoding ping-pongs between the two halves of a
/// workspace, the last step writing straight to the output.
class CodecChain {
 public:
  CodecChain() = default;
  explicit CodecChain(std::vector<CodecPtr> codecs);

  [[nodiscard]] bool empty() const noexcept { return codecs_.empty(); }
  [[nodiscard]] std::string description() const;  ///< "shuffle, gzip:1"
  [[nodiscard]] bool decodes_slowly() const;
  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const;
  /// Returns the workspace that `decode` needs beside its input and output.
  [[nodiscard]] std::int64_t workspace_bytes(std::int64_t decoded_bytes) const;
  /// Returns that and the memory that decoders take from malloc: a workspace of so many bytes has a part that
  /// stays untouched, so that both together stay within the sum.
  [[nodiscard]] std::int64_t decode_workspace_bytes(std::int64_t decoded_bytes) const;
  /// Returns the workspace that `encode` needs: that of `decode`, and room for the tables of the encoders.
  /// Those that take their memory from elsewhere leave theirs untouched, so that both together stay within
  /// the sum.
  [[nodiscard]] std::int64_t encode_workspace_bytes(std::int64_t decoded_bytes) const;

  /// Decodes `encoded` to exactly `decoded.size()` bytes. `skip_mask` bit i: step i was not applied to this
  /// chunk (HDF5's filter mask). Errors: FormatError if the chunk decodes to another length.
  void decode(std::span<const std::byte> encoded, std::span<std::byte> decoded,
              std::span<std::byte> workspace, unsigned skip_mask = 0) const;

  /// Encodes into `encoded` (at least `encoded_bound` bytes); returns the number of bytes produced. A
  /// workspace of `workspace_bytes` does, too; then encoders have tables of their own, which nobody counts.
  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded,
                      std::span<std::byte> workspace) const;

 private:
  std::vector<CodecPtr> codecs_;
};

// Factories. Levels follow each library; -1 means its default.
[[nodiscard]] CodecPtr make_gzip(int level);  ///< RFC 1952 wrapper (Zarr "gzip")
[[nodiscard]] CodecPtr make_zlib(int level);  ///< RFC 1950 wrapper (HDF5 deflate, Zarr "zlib")
[[nodiscard]] CodecPtr make_zstd(int level);
[[nodiscard]] CodecPtr make_lz4(int acceleration);  ///< numcodecs: int32 length, then an LZ4 block
[[nodiscard]] CodecPtr make_blosc(const std::string& inner, int level, int shuffle /* 0 no, 1 byte, 2 bit */,
                                  std::int64_t type_bytes, std::int64_t block_bytes);
[[nodiscard]] CodecPtr make_lzf();  ///< HDF5 filter 32000
/// HDF5 filter 32004. The file does not know the acceleration.
[[nodiscard]] CodecPtr make_hdf5_lz4(std::int64_t block_bytes, int acceleration = 1);
[[nodiscard]] CodecPtr make_shuffle(std::int64_t element_bytes);
[[nodiscard]] CodecPtr make_fletcher32();  ///< HDF5 and numcodecs: 4 checksum bytes at the end
[[nodiscard]] CodecPtr make_crc32c();      ///< Zarr v3: 4 checksum bytes at the end

}  // namespace varve::io
