#pragma once

#include <memory>
#include <string>

#include "io/dataset.hpp"

namespace varve::io {

/// Is an array on disk for the time between two stages: packed C order, native byte order, in a file that has no name, so
/// that nothing remains after a crash. Reads and writes any box; thread-safe for boxes that do not overlap.
class ScratchArray final : public Dataset {
 public:
  /// Errors: StorageError if the file cannot be made or the disk has not the room for it.
  ScratchArray(const std::string& directory, const Shape& shape, DType dtype);
  ~ScratchArray() override;
  ScratchArray(const ScratchArray&) = delete;
  ScratchArray& operator=(const ScratchArray&) = delete;

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }
  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override;
  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override;
  /// Writes the elements of `box` from dense C-order memory. Returns the bytes written.
  std::int64_t write_box(const Box& box, const std::byte* values);

 private:
  DatasetInfo info_;
  std::string directory_;
  int file_ = -1;
};

}  // namespace varve::io
