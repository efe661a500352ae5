#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/format/hdf5_handle.hpp"

namespace varve::io::hdf5 {

/// A run of bytes in a file, at an absolute position (a user block counts).
struct FileExtent {
  int descriptor = -1;
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

/// Reads bytes at an offset. Errors: StorageError if the system refuses, FormatError if the file ends before.
void read_bytes(int descriptor, std::int64_t offset, std::span<std::byte> out, const std::string& location);

/// Writes bytes at an offset. Errors: StorageError.
void write_bytes(int descriptor, std::int64_t offset, std::span<const std::byte> bytes,
                 const std::string& location);

/// Returns file access properties that make libhdf5 reach files through our own driver: plain pread and
/// pwrite on a descriptor, which `descriptor_of` tells and which any thread may use beside libhdf5 while the
/// file is open.
[[nodiscard]] Handle file_access();

/// Returns access properties (not to be closed) that find the other files which a dataset names, raw or with
/// virtual sources, beside its own, whatever the working directory is. Every dataset is opened with them:
/// libhdf5 refuses to open one twice with different prefixes.
[[nodiscard]] hid_t dataset_access();

/// Opens an object of any kind; empty, with a message on the error stack, if it cannot be opened.
[[nodiscard]] Handle open_object(hid_t place, const std::string& path);

/// Returns the descriptor under an open file, or -1 if the file was not opened through our driver.
[[nodiscard]] int descriptor_of(hid_t file);

/// While one is alive, the driver does not transfer raw data: it records where libhdf5 wanted to read or
/// write them.
///
/// This turns H5Dread_chunk into a fast query for a chunk's address (a tree search, where H5Dget_chunk_info
/// of 1.10 walks over all chunks), and H5Dwrite_chunk into an allocation. Keep the library lock while it
/// lives.
class LocateRawData {
 public:
  LocateRawData() noexcept;
  ~LocateRawData();
  LocateRawData(const LocateRawData&) = delete;
  LocateRawData& operator=(const LocateRawData&) = delete;

  /// Returns the one extent that was asked for; nothing if there was none or several.
  [[nodiscard]] std::optional<FileExtent> found() const;
};

/// While one is alive, the driver notes the names of the files that libhdf5 opens, behind links and for
/// virtual sources too. Keep the library lock while it lives; does not nest.
class NoteOpenedFiles {
 public:
  NoteOpenedFiles() noexcept;
  ~NoteOpenedFiles();
  NoteOpenedFiles(const NoteOpenedFiles&) = delete;
  NoteOpenedFiles& operator=(const NoteOpenedFiles&) = delete;

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  friend void note_opened(const char* name) noexcept;
  std::vector<std::string> names_;
};

}  // namespace varve::io::hdf5
