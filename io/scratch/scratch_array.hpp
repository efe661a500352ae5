#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "io/scratch/scratch_table.hpp"

namespace varve::io {

/// Checks that the file system of the directory has that much room. Errors: StorageError.
void require_scratch_room(const std::string& directory, std::int64_t bytes);

/// Says how a scratch array is stored.
struct ScratchOptions {
  ScratchCodec codec = ScratchCodec::none;
  /// Threads that write at one time: they get several files, whose locks they do not share.
  int writers = 1;
  /// Path that the names of the files begin with, so that other processes can read them; empty: no names.
  std::string name = {};
};

/// An array on disk for the time between two stages: native byte order, in files that have no name, so
/// that nothing remains after a crash, unless a name is given. Reads and writes any box, pieces of its layout
/// fastest; thread-safe for boxes that do not overlap. With a codec only whole pieces can be written, before
/// any is read. The same bytes that are written again are stored in the same way.
class ScratchArray final : public Dataset {
 public:
  /// Errors: StorageError if a file cannot be made; one that is there already is left alone.
  ScratchArray(const std::string& directory, const Shape& shape, DType dtype, const ScratchLayout& layout,
               const ScratchOptions& options = {});

  /// Opens, to be read only, an array of that name that was finished: its own files say what it is. Where it
  /// is not what is expected, it is refused before memory is taken. Errors: StorageError if there is none,
  /// FormatError if it is damaged or another.
  explicit ScratchArray(const std::string& name,
                        const std::optional<ScratchDescription>& expected = std::nullopt);

  /// Says that all elements are written: where the array has a name, others can open it from now on. Whoever
  /// gave the name removes the files. Errors: StorageError.
  void finish();

  [[nodiscard]] const ScratchDescription& description() const noexcept { return description_; }
  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }
  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override;
  /// With a workspace that holds a piece, whole pieces are read in one go. With a codec, it must have
  /// ScratchCoding::workspace_bytes of the largest piece.
  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override;
  /// Writes the elements of `box` from dense C-order memory. Returns the bytes written. Whole pieces are
  /// gathered in the workspace, where it holds them, and written in one go. With a codec, it must be as large
  /// as for `read_part`.
  std::int64_t write_box(const Box& box, const std::byte* values, std::span<std::byte> workspace);

  /// Returns the bytes written so far.
  [[nodiscard]] std::int64_t stored_bytes() const noexcept {
    return stored_bytes_.load(std::memory_order_relaxed);
  }

 private:
  ScratchArray(const ScratchDescription& description, const std::string& what, std::vector<File> files);
  ScratchArray(const std::string& name, const ScratchTable& table,
               const std::optional<ScratchDescription>& expected);

  struct Place {
    const File& file;
    std::int64_t offset;
  };
  [[nodiscard]] Place place_of(const ScratchPiece& piece) const;
  [[nodiscard]] std::span<const std::uint32_t> lengths_of(const ScratchPiece& piece) const;
  void require_lengths(const std::string& name) const;
  std::int64_t write_plain(const ScratchPiece& piece, const Box& given, const std::byte* source,
                           const ByteStrides& strides, std::span<std::byte> workspace) const;
  std::int64_t write_encoded(const ScratchPiece& piece, const Box& given, const std::byte* source,
                             const ByteStrides& strides, std::span<std::byte> workspace);
  std::int64_t read_plain(const ScratchPiece& piece, const Box& wanted, std::byte* target,
                          const ByteStrides& strides, std::span<std::byte> workspace) const;
  std::int64_t read_encoded(const ScratchPiece& piece, const Box& wanted, std::byte* target,
                            const ByteStrides& strides, std::span<std::byte> workspace) const;

  DatasetInfo info_;
  ScratchDescription description_;
  std::string what_;  ///< for messages
  std::string name_;  ///< empty: none
  std::int64_t element_bytes_;
  std::vector<File> files_;
  std::unique_ptr<ScratchCoding> coding_;  ///< null: stored as it is
  std::int64_t blocks_per_piece_ = 0;
  std::vector<std::uint32_t> lengths_;  ///< bytes that each block of each piece became
  std::atomic<std::int64_t> stored_bytes_{0};
};

}  // namespace varve::io
