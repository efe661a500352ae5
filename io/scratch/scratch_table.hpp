#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/scratch/scratch_coding.hpp"
#include "io/scratch/scratch_layout.hpp"
#include "io/store/file.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io {

/// The largest number of files that a scratch array is spread over.
inline constexpr std::int64_t kMaxScratchFiles = 16;

/// Returns the memory that the table of encoded lengths takes. INT64_MAX if it cannot be counted.
[[nodiscard]] std::int64_t scratch_table_bytes(const ScratchLayout& layout, std::int64_t element_bytes);

/// Says what lies where in a scratch array.
struct ScratchDescription {
  DType dtype = DType::float64;
  ScratchLayout layout{Shape{}};
  ScratchCodec codec = ScratchCodec::none;

  [[nodiscard]] std::int64_t element_bytes() const noexcept { return size_bytes(dtype); }
  /// Returns how many lengths the table has: one per block of each piece; none without a codec. INT64_MAX if
  /// they cannot be counted.
  [[nodiscard]] std::int64_t length_count() const;

  friend bool operator==(const ScratchDescription&, const ScratchDescription&) = default;
};

/// Writes what it takes to read a scratch array whose data is whole, so that the file is there whole or not
/// at all. Errors: StorageError.
void write_scratch_table(const std::string& path, const ScratchDescription& description, std::int64_t files,
                         std::span<const std::uint32_t> lengths);

/// Such a file, opened to be read: native byte order, for the same kind of machine. Nothing that it says
/// is believed before it is checked, and nothing is allocated by what it says.
class ScratchTable {
 public:
  /// Reads and checks all but the lengths. Errors: StorageError if there is none, FormatError if it is
  /// damaged.
  explicit ScratchTable(const std::string& path);

  [[nodiscard]] const ScratchDescription& description() const noexcept { return description_; }
  /// Returns the number of files that hold the data.
  [[nodiscard]] std::int64_t files() const noexcept { return files_; }
  /// Reads all lengths. Errors: FormatError if they are damaged.
  void read_lengths(std::span<std::uint32_t> lengths) const;

 private:
  std::string path_;
  File file_;
  ScratchDescription description_;
  std::int64_t files_ = 0;
  std::int64_t header_bytes_ = 0;
  std::uint32_t lengths_sum_ = 0;
};

}  // namespace varve::io
