#include "io/dataset.hpp"

#include "varve/core/error.hpp"

namespace varve::io {

std::int64_t Dataset::read_part(const ChunkIndex& /*chunk*/, const Box& /*part*/, const StridedView& /*out*/,
                                std::span<std::byte> /*workspace*/) const {
  throw Error(info().location + ": parts of chunks cannot be read; read whole chunks");
}

std::string Dataset::current_identity() const { return info().identity; }

std::optional<std::vector<std::int64_t>> Dataset::stored_chunks() const { return std::nullopt; }

std::optional<ChunkLocation> Dataset::locate(const ChunkIndex& /*chunk*/) const { return std::nullopt; }

void Dataset::decode_chunk(const EncodedChunk& /*encoded*/, std::span<std::byte> /*out*/,
                           std::span<std::byte> /*workspace*/) const {
  throw Error(info().location + ": its chunks cannot be decoded apart from reading them");
}

bool Dataset::prefetch(const ChunkIndex& /*chunk*/) const noexcept { return false; }

bool DatasetWriter::has_chunk(const ChunkIndex& /*chunk*/) const { return false; }

}  // namespace varve::io
