#pragma once

#include <sys/types.h>

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varve::io {

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
  friend class FilePlaces;
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    friend auto operator<=>(const Identity&, const Identity&) = default;
  };
  [[nodiscard]] static std::optional<Identity> identity_of(const std::string& path);

  std::string path_;
  std::optional<Identity> identity_;
  bool is_device_ = false;
  std::vector<std::string> folders_;  ///< the paths above
  std::vector<Identity> ancestors_;   ///< the identities of those that exist
};

/// A list of places that finds one which is, contains or lies in another place without going through all.
class FilePlaces {
 public:
  void add(const FilePlace& place);
  /// Returns the number of the first such place, counted from 0 as they were added; nothing if there is none.
  [[nodiscard]] std::optional<std::size_t> find(const FilePlace& place) const;

 private:
  using Identity = FilePlace::Identity;

  std::size_t count_ = 0;
  // The first place of a path or identity, and the first below it.
  std::map<std::string, std::size_t> by_path_;
  std::map<Identity, std::size_t> by_identity_;
  std::map<std::string, std::size_t> below_path_;
  std::map<Identity, std::size_t> below_identity_;
};

}  // namespace varve::io
