#include "io/store/file_place.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace varve::io {

namespace fs = std::filesystem;

FilePlace::FilePlace(const std::string& path) {
  std::error_code error;
  fs::path clean = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) clean = fs::path(path).lexically_normal();
  if (!clean.has_filename()) clean = clean.parent_path();  // "out.zarr/"
  path_ = clean.string();
  identity_ = identity_of(path_);
  is_device_ = !identity_ && fs::exists(path_, error);
  for (fs::path above = clean; above.has_relative_path();) {
    above = above.parent_path();
    folders_.push_back(above.string());
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
  if (identity_ && other.identity_) return *identity_ == *other.identity_;
  return path_ == other.path_ && !is_device_;
}

bool FilePlace::contains(const FilePlace& inner) const {
  if (std::find(inner.folders_.begin(), inner.folders_.end(), path_) != inner.folders_.end()) return true;
  return identity_ &&
         std::find(inner.ancestors_.begin(), inner.ancestors_.end(), *identity_) != inner.ancestors_.end();
}

void FilePlaces::add(const FilePlace& place) {
  const std::size_t number = count_++;
  by_path_.try_emplace(place.path_, number);
  if (place.identity_) by_identity_.try_emplace(*place.identity_, number);
  for (const std::string& folder : place.folders_) below_path_.try_emplace(folder, number);
  for (const Identity& ancestor : place.ancestors_) below_identity_.try_emplace(ancestor, number);
}

std::optional<std::size_t> FilePlaces::find(const FilePlace& place) const {
  std::size_t first = count_;
  const auto look = [&first](const auto& numbers, const auto& key) {
    if (const auto found = numbers.find(key); found != numbers.end()) first = std::min(first, found->second);
  };
  if (!place.is_device_) look(by_path_, place.path_);
  look(below_path_, place.path_);
  if (place.identity_) {
    look(by_identity_, *place.identity_);
    look(below_identity_, *place.identity_);
  }
  for (const std::string& folder : place.folders_) look(by_path_, folder);
  for (const Identity& ancestor : place.ancestors_) look(by_identity_, ancestor);
  return first < count_ ? std::optional(first) : std::nullopt;
}

}  // namespace varve::io
