#include "io/format/partial_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "io/store/file.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

PartialOutput::PartialOutput(const std::string& path, ExistingOutput existing_output)
    : existing(existing_output) {
  fs::path clean = fs::path(path).lexically_normal();
  if (!clean.has_filename()) clean = clean.parent_path();  // "out.zarr/"
  const std::string name = clean.filename().string();
  if (name.empty() || name == "." || name == "..")
    throw Error("output \"" + path + "\": is not the name of a file");
  target = clean.string();
  partial = (clean.parent_path() / ("." + name + ".varve-partial")).string();
  if (existing == ExistingOutput::fail && exists(target)) {
    throw StorageError(target + ": exists already; remove it or ask for overwriting");
  }
  if (existing == ExistingOutput::resume && exists(target)) {
    throw StorageError(target + ": is complete already; there is nothing to resume");
  }
}

void PartialOutput::publish() const {
  const auto rename = [this](unsigned flags) {
    return ::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), flags) == 0;
  };
  const auto fail = [this] {
    throw StorageError(target + ": the finished output cannot be renamed to it: " + system_message(errno));
  };
  const bool replace = existing == ExistingOutput::overwrite && exists(target);
  if (rename(replace ? RENAME_EXCHANGE : RENAME_NOREPLACE)) {
    if (replace) discard();  // the partial path now names the old output
    return;
  }
  if (errno != EINVAL && errno != ENOSYS) fail();
  // File systems without these flags: a moment without any output at the name remains.
  if (!replace && exists(target)) {
    errno = EEXIST;
    fail();
  }
  const std::string old = partial + "-replaced";
  if (replace && ::rename(target.c_str(), old.c_str()) != 0) fail();
  if (::rename(partial.c_str(), target.c_str()) != 0) fail();
  std::error_code ignored;
  if (replace) fs::remove_all(old, ignored);
}

void PartialOutput::discard() const noexcept {
  std::error_code ignored;
  try {
    fs::remove_all(partial, ignored);
  } catch (...) {  // out of memory: the partial output stays, under a name that says so
  }
}

}  // namespace varve::io
