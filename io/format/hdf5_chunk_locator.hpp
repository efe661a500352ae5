#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/format/hdf5_driver.hpp"
#include "varve/core/chunk_grid.hpp"

namespace varve::io::hdf5 {

/// Says where a chunk lies and which filters it went without (bit i: filter i).
struct StoredChunk {
  FileExtent extent;
  unsigned skip_mask = 0;
};

/// Finds the chunks of one open dataset in its file. Thread-safe. Remembers some of what it found, so that a
/// prefetch and the read that follows search once.
class ChunkLocator {
 public:
  /// `largest_bytes` bounds the size of a stored chunk; `file_bytes` its end.
  ChunkLocator(hid_t dataset, const ChunkGrid& grid, const Shape& chunk_shape, std::int64_t largest_bytes,
               std::int64_t file_bytes, const std::string& location);

  /// Returns nothing if the chunk was never written.
  /// Errors: FormatError if the index is damaged or leads outside the file.
  [[nodiscard]] std::optional<StoredChunk> locate(const ChunkIndex& chunk) const;

 private:
  struct Entry {
    std::int64_t key = -1;
    std::optional<StoredChunk> chunk;
  };

  [[nodiscard]] std::int64_t key_of(const ChunkIndex& chunk) const;
  [[nodiscard]] std::optional<StoredChunk> search(const ChunkIndex& chunk) const;
  void check(const StoredChunk& found, const ChunkIndex& chunk) const;

  hid_t dataset_;  ///< not owned
  Shape counts_;
  Shape chunk_shape_;
  std::int64_t largest_bytes_;
  std::int64_t file_bytes_;
  std::string location_;
  mutable std::mutex mutex_;
  mutable std::vector<Entry> recent_;  ///< by key modulo its length
};

}  // namespace varve::io::hdf5
