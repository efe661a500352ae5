#include "io/store/leased_file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

File open_kind(const std::string& path, LeasedFile::Kind kind) {
  if (kind == LeasedFile::Kind::file) return File::open_read(path);
  File directory = File::open_directory(path.c_str());
  if (!directory.is_open()) throw StorageError(path + ": cannot be opened: " + system_message(errno));
  return directory;
}

}  // namespace

LeasedFile::LeasedFile(const std::string& path, Kind kind) : LeasedFile(open_kind(path, kind), path, kind) {}

LeasedFile::LeasedFile(File opened, const std::string& path, Kind kind) : path_(path) {
  const struct stat first = opened.status(path);
  const auto reopen = [path, kind, place = absolute_path(path), first] {
    File again = open_kind(place, kind);
    const struct stat status = again.status(path);
    if (status.st_dev == first.st_dev && status.st_ino == first.st_ino) return again;
    throw StorageError(path + ": was replaced while it was in use; run again, or open it again");
  };
  handle_ = std::make_unique<LeasedHandle<File>>(descriptor_cache(), std::move(opened), reopen);
}

std::string LeasedFile::version() const { return version_of(lease()->status(path_)); }

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

}  // namespace varve::io
