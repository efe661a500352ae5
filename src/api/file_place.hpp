#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace varve::api {

/// A file or directory, existing or not, as the system knows it: by its canonical path and, where it exists,
/// by device and inode, so that links of all kinds and bind mounts do not hide it. Devices and pipes have
/// no identity: any number of things may be written to /dev/null.
class FilePlace {
 public:
  explicit FilePlace(const std::string& path);

  /// One key for all spellings of a path.
  [[nodiscard]] const std::string& key() const noexcept { return path_; }
  [[nodiscard]] bool is_same_as(const FilePlace& other) const;
  [[nodiscard]] bool contains(const FilePlace& inner) const;

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const Identity&, const Identity&) = default;
  };
  [[nodiscard]] static std::optional<Identity> identity_of(const std::string& path);

  std::string path_;
  std::optional<Identity> identity_;
  std::vector<Identity> ancestors_;
};

}  // namespace varve::api
