#include "io/store/renamed_output.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Says what is wrong with the folder, if that is why.
std::string reason_not_created(const std::string& path, int error_number) {
  const std::string folder = fs::path(path).parent_path().string();
  if (error_number == ENOENT) return "there is no folder " + (folder.empty() ? "." : folder);
  if (error_number == ENOTDIR) return folder + " is not a folder";
  return system_message(error_number);
}

// Tells whether the path still names the open file: another run may have published or removed it meanwhile.
bool is_named(const File& file, const std::string& path) {
  struct stat open_status {};
  struct stat path_status {};
  return ::fstat(file.descriptor(), &open_status) == 0 && ::lstat(path.c_str(), &path_status) == 0 &&
         open_status.st_dev == path_status.st_dev && open_status.st_ino == path_status.st_ino;
}

// Tells whether somebody else has the lock; file systems that know no locks count as free.
bool is_locked_elsewhere(const File& file) {
  return ::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// Calls visit(descriptor) for each file below a directory, or each directory if the flags say so.
template <class Visit>
void for_each_file(const std::string& directory, int flags, const Visit& visit) {
  const bool directories = (flags & O_DIRECTORY) != 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error) != directories) continue;
    const File file(::open(entry->path().c_str(), flags | O_CLOEXEC | O_NOFOLLOW));
    if (file.is_open()) visit(file.descriptor());
  }
}

// Best effort: the output is complete and has its name; what may be lost is that the name outlives a power
// cut.
void flush_directory_of(const std::string& path) noexcept {
  try {
    const std::string parent = fs::path(path).parent_path().string();
    const File directory(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.is_open()) static_cast<void>(::fsync(directory.descriptor()));
  } catch (...) {  // NOLINT: out of memory for the name
  }
}

// The path without a slash at its end; empty if it names nothing.
fs::path clean_target(const std::string& path) {
  fs::path clean = fs::path(path).lexically_normal();
  if (!clean.has_filename()) clean = clean.parent_path();  // "out.zarr/"
  const std::string name = clean.filename().string();
  return name.empty() || name == "." || name == ".." ? fs::path() : clean;
}

}  // namespace

std::string partial_path(const std::string& path) {
  const fs::path clean = clean_target(path);
  if (clean.empty()) return "";
  std::string name = ".";
  name += clean.filename().string();
  name += ".varve-partial";
  return (clean.parent_path() / name).string();
}

RenamedOutput::RenamedOutput(const OutputRequest& request)
    : PendingOutput(request.existing), is_directory_(request.is_directory), sync_(request.sync) {
  const std::string& path = request.path;
  target_ = clean_target(path).string();
  place_ = partial_path(path);
  if (target_.empty()) throw ArgumentError("output \"" + path + "\": is not the name of a file");
  if (existing_ == ExistingOutput::fail && exists(target_)) {
    throw StorageError(target_ + ": exists already; remove it or ask for overwriting");
  }
  if (existing_ == ExistingOutput::resume && exists(target_)) {
    throw StorageError(target_ + ": is complete already; there is nothing to resume");
  }
  require_replaceable_kind();
}

RenamedOutput::~RenamedOutput() {
  if (file_.is_open() && !kept_) remove_partial();
}

void RenamedOutput::require_replaceable_kind() const {
  if (!is_directory_ && is_directory(target_))
    throw StorageError(target_ + ": is a directory; remove it first");
}

File RenamedOutput::open_partial() const {
  // What is of another kind, a link among it, was not made by a run of ours that could still go on.
  struct stat status {};
  const mode_t wanted = is_directory_ ? S_IFDIR : S_IFREG;
  if (::lstat(place_.c_str(), &status) == 0 && (status.st_mode & S_IFMT) != wanted) remove_partial();
  int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  if (is_directory_) {
    flags |= O_RDONLY | O_DIRECTORY;
    if (::mkdir(place_.c_str(), 0777) != 0 && errno != EEXIST) return {};
  } else {
    flags |= O_RDWR | O_CREAT;
  }
  return File(::open(place_.c_str(), flags, 0666));
}

void RenamedOutput::claim() {
  constexpr int kAttempts = 100;  // each one lost to a run that just ended
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    File file = open_partial();
    if (!file.is_open() && errno == ENOENT && attempt + 1 < kAttempts) continue;
    if (!file.is_open())
      throw StorageError(target_ + ": cannot be created: " + reason_not_created(target_, errno));
    if (is_locked_elsewhere(file)) break;
    if (!is_named(file, place_)) continue;
    file_ = std::move(file);
    return;
  }
  throw StorageError(target_ + ": another run is writing " + target_ +
                     "; wait for it, or choose another name");
}

void RenamedOutput::clear() const {
  std::error_code error;
  if (!is_directory_) {
    if (::ftruncate(file_.descriptor(), 0) != 0) error.assign(errno, std::generic_category());
  } else {
    for (fs::directory_iterator entry(place_, error), end; !error && entry != end; entry.increment(error)) {
      fs::remove_all(entry->path(), error);
      if (error) break;
    }
  }
  if (error) throw StorageError(place_ + ": cannot be emptied: " + error.message());
}

void RenamedOutput::publish() {
  kept_ = true;  // whatever happens now, the output is complete
  if (sync_) flush();
  replace();
  if (sync_) flush_directory_of(target_);
  file_ = File();
}

// Of a directory, all files are first sent on their way, so that the disk takes them in one go: then waiting
// for one after the other costs little.
void RenamedOutput::flush() const {
  const auto flush_one = [this](int descriptor) {
    if (::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOSYS) fail_publishing(errno);
  };
  if (is_directory_) {
    for_each_file(place_, O_RDONLY, [](int file) { ::sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); });
    for_each_file(place_, O_RDONLY, flush_one);
    for_each_file(place_, O_RDONLY | O_DIRECTORY, flush_one);
  }
  flush_one(file_.descriptor());
}

void RenamedOutput::replace() {
  const auto rename = [this](unsigned flags) {
    return ::renameat2(AT_FDCWD, place_.c_str(), AT_FDCWD, target_.c_str(), flags) == 0;
  };
  const bool replaces = existing_ == ExistingOutput::overwrite && exists(target_);
  if (replaces && !is_directory_ && is_directory(target_)) fail_publishing(EISDIR);
  // Keeps other runs from the old output while it has the partial name, until it is removed.
  const File old(replaces ? ::open(target_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1);
  if (old.is_open()) static_cast<void>(::flock(old.descriptor(), LOCK_EX | LOCK_NB));
  if (rename(replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE)) {
    if (replaces) remove_partial();  // the partial path now names the old output
    return;
  }
  if (errno != EINVAL && errno != ENOSYS) fail_publishing(errno);
  rename_without_flags(replaces);
}

// For file systems without these flags: a moment without any output at the name remains.
void RenamedOutput::rename_without_flags(bool replaces) const {
  if (!replaces && exists(target_)) fail_publishing(EEXIST);
  const std::string old = place_ + "-replaced";
  if (replaces && ::rename(target_.c_str(), old.c_str()) != 0) fail_publishing(errno);
  if (::rename(place_.c_str(), target_.c_str()) != 0) fail_publishing(errno);
  std::error_code ignored;
  if (replaces) fs::remove_all(old, ignored);
}

void RenamedOutput::fail_publishing(int error_number) const {
  const std::string why =
      error_number == EEXIST ? "exists by now" : "cannot be made: " + system_message(error_number);
  throw StorageError(target_ + ": " + why + "; the finished output is left at " + place_ +
                     ": rename it, or remove it");
}

void RenamedOutput::remove_partial() const noexcept {
  std::error_code ignored;
  try {
    fs::remove_all(place_, ignored);
  } catch (...) {  // NOLINT: out of memory: the partial output stays, under a name that says so
  }
}

}  // namespace varve::io
