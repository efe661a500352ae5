#pragma once

#include <array>

#include "io/codec/codec.hpp"
#include "io/dataset.hpp"

namespace varve::io {

/// How the encoded chunks of an array become elements.
struct ChunkCoding {
  CodecChain codecs;
  std::int64_t swap_bytes = 0;       ///< size of the words that are reversed after decoding; 0: none
  std::array<std::byte, 16> fill{};  ///< one native element
};

/// Sets what a description says of memory and of partial reads, given the most bytes that an encoded chunk
/// may have. Errors: FormatError if the chunks are too large for the codecs.
void describe_coding(const CodecChain& codecs, std::int64_t encoded_bytes, DatasetInfo& info);

/// An array each of whose chunks is one value, or one range of a value, of a store: all that it says itself
/// is where they lie. Fetching and decoding are the same for all of them.
class EncodedDataset : public Dataset {
 public:
  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const final;
  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const final;
  void decode_chunk(const EncodedChunk& encoded, std::span<std::byte> out,
                    std::span<std::byte> workspace) const final;
  bool prefetch(const ChunkIndex& chunk) const noexcept final;

 protected:
  explicit EncodedDataset(ChunkCoding coding) : coding_(std::move(coding)) {}

 private:
  [[nodiscard]] bool is_plain(const ChunkLocation& location) const;
  void decode(const EncodedChunk& encoded, std::span<std::byte> out, std::span<std::byte> workspace) const;
  void require_chunk_bytes(std::int64_t bytes) const;

  ChunkCoding coding_;
};

}  // namespace varve::io
