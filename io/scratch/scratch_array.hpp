#pragma once

#include <memory>
#include <string>

#include "io/dataset.hpp"
#include "io/scratch/scratch_layout.hpp"
#include "io/store/file.hpp"

namespace varve::io {

/// Checks that the file system of the directory has that much room. Errors: StorageError.
void require_scratch_room(const std::string& directory, std::int64_t bytes);

/// Is an array on disk for the time between two stages: native byte order, in a file that has no name, so
/// that nothing remains after a crash. Reads and writes any box, pieces of its layout fastest; thread-safe
/// for boxes that do not overlap.
class ScratchArray final : public Dataset {
 public:
  /// Errors: StorageError if the file cannot be made.
  ScratchArray(const std::string& directory, const Shape& shape, DType dtype, const ScratchLayout& layout);

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }
  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override;
  /// With a workspace that holds a piece, whole pieces are read in one go.
  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override;
  /// Writes the elements of `box` from dense C-order memory. Returns the bytes written. Whole pieces are
  /// gathered in the workspace, where it holds them, and written in one go.
  std::int64_t write_box(const Box& box, const std::byte* values, std::span<std::byte> workspace);

 private:
  DatasetInfo info_;
  ScratchLayout layout_;
  std::string name_;
  File file_;
};

}  // namespace varve::io
