#pragma once

#include <dirent.h>

#include "io/store/byte_store.hpp"
#include "io/store/leased_file.hpp"

namespace varve::io {

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using OpenDirectory = std::unique_ptr<DIR, CloseDirectory>;

/// Keeps one file per key below a directory. Paths are resolved relative to the directory's descriptor, so
/// the store stays the same one if the directory is renamed while it is open. Where many are in use, it may
/// be closed and opened again between two calls. Values are written to a temporary file in the
/// directory itself and renamed; a killed process leaves at most such temporaries (`remove_temporaries`).
class DirectoryStore final : public ByteStore {
 public:
  /// Opens an existing directory. Errors: StorageError.
  explicit DirectoryStore(const std::string& path);

  [[nodiscard]] std::string location() const override { return path_; }
  [[nodiscard]] std::optional<std::int64_t> size(const std::string& key) const override;
  std::optional<std::int64_t> read(const std::string& key, std::span<std::byte> out) const override;
  [[nodiscard]] std::unique_ptr<ValueReader> open(const std::string& key) const override;
  void write(const std::string& key, std::span<const std::byte> bytes) override;
  /// Adds to the end of a value that exists. A killed process may leave a part of `bytes`.
  void append(const std::string& key, std::span<const std::byte> bytes);
  [[nodiscard]] std::vector<std::string> list(const std::string& prefix) const override;
  void for_each_name(const std::string& prefix,
                     const std::function<bool(std::string_view)>& visit) const override;
  void remove(const std::string& key) override;
  bool prefetch(const std::string& key, const ByteRange& range) const noexcept override;
  [[nodiscard]] std::string version(const std::string& key) const override;
  [[nodiscard]] std::string version_below(const std::string& prefix) const override;

  /// Keeps the directory open as long as the store lives, because it will be renamed.
  void keep_open() { kept_open_ = directory_.lease(); }

  /// Removes what killed writers left behind. Call while nobody writes.
  void remove_temporaries();

 private:
  [[nodiscard]] OpenDirectory open_directory(const std::string& prefix) const;
  [[nodiscard]] File open_value(const std::string& key, const char* action) const;
  void make_parents(int directory, const std::string& key) const;
  [[noreturn]] void fail(const char* action, const std::string& key, int error_number) const;

  std::string path_;
  LeasedFile directory_;
  std::shared_ptr<const File> kept_open_;
};

}  // namespace varve::io
