#include "io/store/file.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "io/store/handle_cache.hpp"
#include "varve/core/error.hpp"

namespace varve::io {

std::string system_message(int error_number) { return std::generic_category().message(error_number); }

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = other.release();
  }
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int File::release() noexcept {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  return descriptor;
}

int open_descriptor(int at, const char* path, int flags, unsigned mode) noexcept {
  const int descriptor = ::openat(at, path, flags, mode);
  if (descriptor >= 0 || (errno != EMFILE && errno != ENFILE)) return descriptor;
  const int first_error = errno;
  try {
    descriptor_cache().close_idle();
  } catch (...) {  // no memory to remember what is closed
    errno = first_error;
    return -1;
  }
  return ::openat(at, path, flags, mode);
}

File File::open_read(int at, const char* path) noexcept {
  return File(open_descriptor(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

File File::open_directory(const char* path) noexcept {
  return File(open_descriptor(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

File File::open_read(const std::string& path) {
  File file = open_read(AT_FDCWD, path.c_str());
  if (!file.is_open()) throw StorageError(path + ": cannot be opened: " + system_message(errno));
  (void)file.require_regular(path);
  return file;
}

struct stat File::status(const std::string& what) const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0)
    throw StorageError(what + ": stat failed: " + system_message(errno));
  return status;
}

struct stat File::require_regular(const std::string& what) const {
  const struct stat status = this->status(what);
  if (!S_ISREG(status.st_mode)) throw StorageError(what + ": is not a regular file");
  return status;
}

void File::read_at(std::int64_t offset, std::span<std::byte> out, const std::string& what) const {
  while (!out.empty()) {
    const ::ssize_t count = ::pread(descriptor_, out.data(), out.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw StorageError(what + ": read failed: " + system_message(errno));
    if (count == 0)
      throw FormatError(what + ": ends at byte " + std::to_string(offset) + ", before its data");
    out = out.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
}

// The system begins to read no more for one call than its own read-ahead is set to, or one request of the
// device takes: 128 KiB on most, so that of a larger range it would leave the rest to the reader.
bool File::prefetch(std::int64_t offset, std::int64_t bytes) const noexcept {
  if (bytes <= 0 || (is_in_memory(offset) && is_in_memory(offset + bytes - 1))) return false;
  constexpr std::int64_t kTakenAtOnce = std::int64_t{128} << 10U;
  for (std::int64_t done = 0; done < bytes; done += kTakenAtOnce) {
    const std::int64_t piece = std::min(kTakenAtOnce, bytes - done);
    if (::posix_fadvise(descriptor_, offset + done, piece, POSIX_FADV_WILLNEED) != 0) break;
  }
  return true;
}

// False, too, where the file system cannot tell.
bool File::is_in_memory(std::int64_t offset) const noexcept {
  std::byte byte{};
  iovec vector{&byte, 1};
  return ::preadv2(descriptor_, &vector, 1, offset, RWF_NOWAIT) == 1;
}

void File::write_at(std::int64_t offset, std::span<const std::byte> bytes, const std::string& what) const {
  while (!bytes.empty()) {
    const ::ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      throw StorageError(what + ": write failed: " + system_message(count < 0 ? errno : ENOSPC));
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
}

std::string version_of(const struct stat& status) {
  return std::to_string(status.st_size) + " bytes at " + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

}  // namespace varve::io
