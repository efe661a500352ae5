#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/format/hdf5_driver.hpp"
#include "io/format/hdf5_file.hpp"

namespace varve::io::hdf5 {

/// Where a chunk lies in the file of its dataset, and which filters it went without (bit i: filter i).
struct StoredChunk {
  std::int64_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t skip_mask = 0;
};

/// Finds the chunks of one dataset in its file. Thread-safe. Remembers some of what it found, so that a
/// prefetch and the read that follows search once.
class ChunkLocator {
 public:
  /// `largest_bytes` bounds the size of a stored chunk; `file_bytes` its end.
  ChunkLocator(std::shared_ptr<LeasedHandle<ArrayHandles>> handles, const DatasetInfo& info,
               std::int64_t largest_bytes, std::int64_t file_bytes);

  /// Returns nothing if the chunk was never written.
  /// Errors: FormatError if the index is damaged or leads outside the file.
  [[nodiscard]] std::optional<StoredChunk> locate(const ChunkIndex& chunk) const;

  /// Returns the numbers, in C order over the grid and rising, of all chunks that were written, where most
  /// were not and a few thousand were. Nothing else, and nothing where the index is damaged: `locate` says
  /// where.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> list() const;

 private:
  struct Entry {
    std::int64_t key = -1;
    StoredChunk chunk;  ///< offset -1: was never written
  };

  [[nodiscard]] std::int64_t key_of(const ChunkIndex& chunk) const;
  [[nodiscard]] std::optional<StoredChunk> search(const ChunkIndex& chunk) const;
  void check(const FileExtent& found, const ChunkIndex& chunk) const;

  std::shared_ptr<LeasedHandle<ArrayHandles>> handles_;
  Shape counts_;
  Shape chunk_shape_;
  std::int64_t largest_bytes_;
  std::int64_t file_bytes_;
  std::string location_;
  mutable std::mutex mutex_;
  mutable std::vector<Entry> recent_;  ///< by key modulo its length
};

}  // namespace varve::io::hdf5
