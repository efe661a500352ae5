#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace varve::io {

/// Formats errno as the end of a message: "No such file or directory".
[[nodiscard]] std::string system_message(int error_number);

/// Calls openat; where too many files are open, those that only wait to be read again are closed first.
[[nodiscard]] int open_descriptor(int at, const char* path, int flags, unsigned mode = 0) noexcept;

/// An open file descriptor with positioned reads and writes. Reads and writes of one File are thread-safe.
class File {
 public:
  File() = default;
  explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(other.release()) {}
  File& operator=(File&& other) noexcept;
  ~File();

  /// Opens for reading, relative to the directory `at`. Never blocks: FIFOs and devices are refused by
  /// `require_regular`. Returns a closed File, with errno set, if that fails.
  [[nodiscard]] static File open_read(int at, const char* path) noexcept;
  /// Opens a regular file for reading. Errors: StorageError naming the path.
  [[nodiscard]] static File open_read(const std::string& path);
  /// Opens a directory for reading. Returns a closed File, with errno set, if that fails.
  [[nodiscard]] static File open_directory(const char* path) noexcept;

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  /// Returns what fstat says. Errors: StorageError naming `what`.
  [[nodiscard]] struct stat status(const std::string& what) const;
  /// Returns what fstat says. Errors: StorageError, naming `what`, unless this is a regular file.
  [[nodiscard]] struct stat require_regular(const std::string& what) const;

  /// Reads exactly `out.size()` bytes at `offset`. Errors: StorageError; FormatError, naming `what`, if the
  /// file ends first.
  void read_at(std::int64_t offset, std::span<std::byte> out, const std::string& what) const;
  /// Tells the system that these bytes will be read soon: it begins to read them and the call returns.
  /// Returns false where they seem to lie in memory already.
  bool prefetch(std::int64_t offset, std::int64_t bytes) const noexcept;  // NOLINT: a hint
  /// Writes all bytes at `offset`. Errors: StorageError naming `what`.
  void write_at(std::int64_t offset, std::span<const std::byte> bytes, const std::string& what) const;

 private:
  [[nodiscard]] bool is_in_memory(std::int64_t offset) const noexcept;
  int release() noexcept;
  int descriptor_ = -1;
};

/// Formats size and modification time: changes when the file may have changed.
[[nodiscard]] std::string version_of(const struct stat& status);

}  // namespace varve::io
