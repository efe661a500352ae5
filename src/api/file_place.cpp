#include "api/file_place.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace varve::api {

namespace fs = std::filesystem;

FilePlace::FilePlace(const std::string& path) {
  std::error_code error;
  fs::path clean = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) clean = fs::path(path).lexically_normal();
  if (!clean.has_filename()) clean = clean.parent_path();  // "out.zarr/"
  path_ = clean.string();
  identity_ = identity_of(path_);
  for (fs::path above = clean; above.has_relative_path();) {
    above = above.parent_path();
    if (const auto identity = identity_of(above.string())) ancestors_.push_back(*identity);
  }
}

std::optional<FilePlace::Identity> FilePlace::identity_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

bool FilePlace::is_same_as(const FilePlace& other) const {
  struct stat status {};
  const bool known = identity_ && other.identity_;
  if (known) return *identity_ == *other.identity_;
  const bool is_device = ::stat(path_.c_str(), &status) == 0 && !identity_;
  return path_ == other.path_ && !is_device;
}

bool FilePlace::contains(const FilePlace& inner) const {
  if (inner.path_.starts_with(path_ + "/")) return true;
  return identity_ &&
         std::find(inner.ancestors_.begin(), inner.ancestors_.end(), *identity_) != inner.ancestors_.end();
}

}  // namespace varve::api
