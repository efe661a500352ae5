#pragma once

#include <memory>
#include <string>

#include "io/store/file.hpp"
#include "io/store/handle_cache.hpp"

namespace varve::io {

/// A file or directory that is read as long as a dataset lives, without being open all the time: any number
/// of them share the descriptors of `descriptor_cache`. Opened again, it must be the same one. Thread-safe.
class LeasedFile {
 public:
  enum class Kind { file, directory };

  /// Opens what exists. Errors: StorageError naming the path.
  explicit LeasedFile(const std::string& path, Kind kind = Kind::file);
  /// Takes over what is open and lies at `path`.
  LeasedFile(File opened, const std::string& path, Kind kind = Kind::file);

  /// Returns the open file, which stays open as long as the result lives. Errors: StorageError if it cannot
  /// be opened any more, or is another one by now.
  [[nodiscard]] std::shared_ptr<const File> lease() const { return handle_->lease(); }
  /// Returns a text that changes when the contents of the file may have changed. Errors: as for `lease`.
  [[nodiscard]] std::string version() const;

 private:
  std::string path_;
  std::unique_ptr<LeasedHandle<File>> handle_;
};

/// Returns the path that leads to the same place from any working directory.
[[nodiscard]] std::string absolute_path(const std::string& path);

}  // namespace varve::io
