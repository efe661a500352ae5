#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "io/codec/codec.hpp"

namespace varve::io {

/// Names how copies in scratch are compressed: not at all, or by lz4 after shuffling bytes.
enum class ScratchCodec : std::uint8_t { none, lz4 };

[[nodiscard]] std::string_view name_of(ScratchCodec codec) noexcept;
/// Returns the codec of that name, or nothing.
[[nodiscard]] std::optional<ScratchCodec> find_scratch_codec(std::string_view name) noexcept;

/// Compresses pieces of scratch. A piece is cut into blocks, which are encoded one by one, so that parts of
/// it can be decoded; a few blocks in a row are a strip. Each strip has the room that it takes uncompressed,
/// with its encoded blocks packed at the front. A table outside says how many bytes each block became; as
/// many as it has mean that it is stored as it is. Thread-safe.
class ScratchCoding {
 public:
  /// Blocks stay in the L2 cache while they are shuffled and encoded; a strip is one system call.
  static constexpr std::int64_t kBlockBytes = 64 << 10;
  static constexpr std::int64_t kStripBytes = 8 * kBlockBytes;

  explicit ScratchCoding(std::int64_t element_bytes);

  [[nodiscard]] static constexpr std::int64_t blocks_in(std::int64_t piece_bytes) noexcept {
    return piece_bytes == 0 ? 0 : (piece_bytes - 1) / kBlockBytes + 1;
  }
  /// Returns the memory in which pieces of at most that size are encoded or decoded.
  [[nodiscard]] static std::int64_t workspace_bytes(std::int64_t piece_bytes) noexcept;

  /// Encodes a block into `out`, which is a little longer; returns the bytes that it became. They are the
  /// block itself if that does not shrink by a tenth. `misses` counts the blocks of the piece since the last
  /// one that shrank: after many, blocks are rarely tried.
  [[nodiscard]] std::int64_t encode(std::span<const std::byte> block, std::span<std::byte> out,
                                    std::span<std::byte> shuffled, unsigned& misses) const;
  /// Decodes a block to its full size.
  void decode(std::span<const std::byte> encoded, std::span<std::byte> block,
              std::span<std::byte> shuffled) const;

 private:
  CodecChain chain_;
};

/// Encodes the bytes of one piece, which are appended in order. The same bytes become the same each time.
class PieceEncoder {
 public:
  /// Stores bytes that lie `offset` bytes after the start of the piece.
  using Store = std::function<void(std::int64_t offset, std::span<const std::byte> bytes)>;

  /// `lengths`: the piece's rows of the table. `workspace`: ScratchCoding::workspace_bytes of it.
  PieceEncoder(const ScratchCoding& coding, std::int64_t piece_bytes, std::span<std::uint32_t> lengths,
               std::span<std::byte> workspace, Store store);

  void append(std::span<const std::byte> bytes);

 private:
  void encode(std::span<const std::byte> block);
  [[nodiscard]] std::size_t block_size() const noexcept;

  const ScratchCoding& coding_;
  std::int64_t piece_bytes_;
  std::span<std::uint32_t> lengths_;
  std::span<std::byte> block_;
  std::span<std::byte> shuffled_;
  std::span<std::byte> strip_;
  Store store_;
  std::int64_t done_ = 0;   ///< bytes of the piece in blocks that are encoded
  std::size_t filled_ = 0;  ///< bytes of the next block
  std::size_t packed_ = 0;  ///< encoded bytes of this strip
  unsigned misses_ = 0;     ///< blocks since the last one that shrank
};

/// Decodes parts of one piece, in ascending order.
class PieceDecoder {
 public:
  /// Fetches bytes that lie `offset` bytes after the start of the piece.
  using Fetch = std::function<void(std::int64_t offset, std::span<std::byte> bytes)>;

  /// `end`: where the last part that will be asked for ends. Errors of `copy`: FormatError, where the table
  /// or the bytes are damaged, or the piece was never stored.
  PieceDecoder(const ScratchCoding& coding, std::int64_t piece_bytes, std::int64_t end,
               std::span<const std::uint32_t> lengths, std::span<std::byte> workspace, Fetch fetch);

  /// Copies the bytes of the piece from `offset` on.
  void copy(std::int64_t offset, std::span<std::byte> out);
  [[nodiscard]] std::int64_t bytes_fetched() const noexcept { return fetched_; }

 private:
  void decode(std::int64_t number, std::span<std::byte> out);
  std::span<const std::byte> encoded(std::int64_t number);
  [[nodiscard]] std::int64_t bytes_between(std::int64_t from, std::int64_t to) const;
  [[nodiscard]] std::size_t size_of(std::int64_t number) const noexcept;

  const ScratchCoding& coding_;
  std::int64_t piece_bytes_;
  std::int64_t last_;  ///< the last block that is asked for
  std::span<const std::uint32_t> lengths_;
  std::span<std::byte> block_;
  std::span<std::byte> shuffled_;
  std::span<std::byte> strip_;
  Fetch fetch_;
  std::int64_t decoded_ = -1;  ///< the block that lies in `block_`
  std::int64_t first_ = 0;     ///< blocks [first_, behind_) lie encoded in `strip_`
  std::int64_t behind_ = 0;
  std::int64_t fetched_ = 0;
};

}  // namespace varve::io
