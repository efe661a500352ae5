#include "io/store/directory_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <iterator>
#include <string_view>

#include "io/store/store_threads.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr const char* kTemporaryPrefix = ".varve-tmp-";

bool is_absence(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

class FileReader final : public ValueReader {
 public:
  FileReader(File file, std::string what)
      : file_(std::move(file)), what_(std::move(what)), size_(file_.require_regular(what_).st_size) {}
  [[nodiscard]] std::int64_t size() const noexcept override { return size_; }
  void read(std::int64_t offset, std::span<std::byte> out) const override {
    file_.read_at(offset, out, what_);
  }

 private:
  File file_;
  std::string what_;
  std::int64_t size_;
};

// A name that no other thread or living process uses.
std::string temporary_name() {
  static std::atomic<std::uint64_t> counter{0};
  return kTemporaryPrefix + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1));
}

}  // namespace

DirectoryStore::DirectoryStore(const std::string& path)
    : path_(path), directory_(path, LeasedFile::Kind::directory) {}

void DirectoryStore::fail(const char* action, const std::string& key, int error_number) const {
  throw StorageError(path_ + ": " + action + " \"" + key + "\" failed: " + system_message(error_number));
}

File DirectoryStore::open_value(const std::string& key, const char* action) const {
  require_valid_key(key, path_, action);
  const auto directory = directory_.lease();
  File file = File::open_read(directory->descriptor(), key.c_str());
  if (!file.is_open() && !is_absence(errno)) fail(action, key, errno);
  return file;
}

std::optional<std::int64_t> DirectoryStore::size(const std::string& key) const {
  require_valid_key(key, path_, "size");
  const auto directory = directory_.lease();
  struct stat status {};
  if (::fstatat(directory->descriptor(), key.c_str(), &status, 0) != 0) {
    if (is_absence(errno)) return std::nullopt;
    fail("size", key, errno);
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return status.st_size;
}

std::optional<std::int64_t> DirectoryStore::read(const std::string& key, std::span<std::byte> out) const {
  const File file = open_value(key, "read");
  if (!file.is_open()) return std::nullopt;
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) fail("read", key, errno);
  if (!S_ISREG(status.st_mode)) throw StorageError(path_ + ": read \"" + key + "\": is not a regular file");
  if (status.st_size > static_cast<std::int64_t>(out.size())) {
    throw FormatError(path_ + ": read \"" + key + "\": has " + std::to_string(status.st_size) +
                      " bytes, at most " + std::to_string(out.size()) + " are possible");
  }
  file.read_at(0, out.first(static_cast<std::size_t>(status.st_size)), path_ + ": read \"" + key + "\"");
  return status.st_size;
}

std::unique_ptr<ValueReader> DirectoryStore::open(const std::string& key) const {
  File file = open_value(key, "open");
  if (!file.is_open()) return nullptr;
  return std::make_unique<FileReader>(std::move(file), path_ + ": read \"" + key + "\"");
}

void DirectoryStore::make_parents(int directory, const std::string& key) const {
  for (std::size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1)) {
    const std::string parent = key.substr(0, slash);
    if (::mkdirat(directory, parent.c_str(), 0777) != 0 && errno != EEXIST) {
      fail("create directory for", key, errno);
    }
  }
}

void DirectoryStore::write(const std::string& key, std::span<const std::byte> bytes) {
  require_valid_key(key, path_, "write");
  const auto directory = directory_.lease();
  const int at = directory->descriptor();
  const std::string temporary = temporary_name();
  const File file(open_descriptor(at, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.is_open()) fail("write", key, errno);
  try {
    file.write_at(0, bytes, path_ + ": write \"" + key + "\"");
    if (::renameat(at, temporary.c_str(), at, key.c_str()) == 0) return;
    if (errno != ENOENT) fail("write", key, errno);
    make_parents(at, key);
    if (::renameat(at, temporary.c_str(), at, key.c_str()) != 0) fail("write", key, errno);
  } catch (...) {
    ::unlinkat(at, temporary.c_str(), 0);
    throw;
  }
}

void DirectoryStore::append(const std::string& key, std::span<const std::byte> bytes) {
  require_valid_key(key, path_, "append");
  const File file(open_descriptor(directory_.lease()->descriptor(), key.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) fail("append", key, errno);
  const std::string what = path_ + ": append \"" + key + "\"";
  file.write_at(file.require_regular(what).st_size, bytes, what);
}

// Returns null where there is no such directory.
OpenDirectory DirectoryStore::open_directory(const std::string& prefix) const {
  if (!prefix.empty()) require_valid_key(prefix, path_, "list");
  const auto directory = directory_.lease();
  const int descriptor = open_descriptor(directory->descriptor(), prefix.empty() ? "." : prefix.c_str(),
                                         O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 && is_absence(errno)) return nullptr;
  if (descriptor < 0) fail("list", prefix, errno);
  OpenDirectory entries(::fdopendir(descriptor));
  if (entries) return entries;
  ::close(descriptor);
  throw StorageError(path_ + ": list \"" + prefix + "\" failed");
}

namespace {

// Nothing where the entry is gone. Most file systems tell without a look at each entry, but of links.
std::optional<bool> is_directory(DIR* directory, const dirent& entry) {
  if (entry.d_type == DT_DIR || entry.d_type == DT_REG) return entry.d_type == DT_DIR;
  struct stat status {};
  if (::fstatat(::dirfd(directory), entry.d_name, &status, 0) != 0) return std::nullopt;
  return S_ISDIR(status.st_mode);
}

}  // namespace

std::vector<std::string> DirectoryStore::list(const std::string& prefix) const {
  std::vector<std::string> names;
  const OpenDirectory entries = open_directory(prefix);
  if (!entries) return names;
  while (const dirent* entry = ::readdir(entries.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::optional<bool> directory = is_directory(entries.get(), *entry);
    if (directory) names.push_back(*directory ? name + "/" : name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void DirectoryStore::for_each_name(const std::string& prefix,
                                   const std::function<bool(std::string_view)>& visit) const {
  const OpenDirectory entries = open_directory(prefix);
  if (!entries) return;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !visit(name)) return;
  }
}

void DirectoryStore::remove(const std::string& key) {
  require_valid_key(key, path_, "remove");
  if (::unlinkat(directory_.lease()->descriptor(), key.c_str(), 0) != 0 && !is_absence(errno))
    fail("remove", key, errno);
}

bool DirectoryStore::prefetch(const std::string& key, const ByteRange& range) const noexcept {
  if (!is_valid_key(key)) return false;
  try {
    const File file = File::open_read(directory_.lease()->descriptor(), key.c_str());
    if (!file.is_open()) return false;
    return file.prefetch(range.offset,
                         range.bytes < 0 ? file.status(key).st_size - range.offset : range.bytes);
  } catch (...) {  // a hint: the read that follows reports it
    return true;
  }
}

std::string DirectoryStore::version(const std::string& key) const {
  require_valid_key(key, path_, "version");
  struct stat status {};
  if (::fstatat(directory_.lease()->descriptor(), key.c_str(), &status, 0) != 0) return "";
  return version_of(status);
}

namespace {

// What stat says of the files below a directory, added up so that the order of its entries does not matter.
// Directories are walked level by level: each is read, and entries are looked at, side by side, as each takes
// as long as the disk or a file server needs to answer.
class TreeVersion {
 public:
  explicit TreeVersion(int at) : at_(at) {}

  std::string of(const std::string& root) {
    std::vector<std::string> level = look_at({root});
    for (int depth = 0; !level.empty() && depth < kMaxLevels; ++depth) level = look_at(entries_of(level));
    return std::to_string(entries_) + " entries " + std::to_string(bytes_) + " bytes " +
           std::to_string(times_);
  }

 private:
  using Names = std::vector<std::string>;
  using Status = struct stat;
  static constexpr std::int64_t kMaxEntries = 4096;  // a few ms
  static constexpr int kMaxLevels = 40;              // ends cycles of links
  static constexpr std::size_t kAtATime = 64;        // looks: less work than handing it over
  static constexpr std::size_t kReadAtATime = 16;    // directories

  // The entries of a level, as many as are still to be counted; one more says that there are others. A few
  // directories are read at a time, each no further than that: all names of a level may be millions.
  Names entries_of(const Names& directories) const {
    Names all;
    const auto wanted = [&] { return kMaxEntries + 1 - entries_ - std::ssize(all); };
    for (std::size_t first = 0; first < directories.size() && wanted() > 0; first += kReadAtATime) {
      std::vector<Names> found(std::min(kReadAtATime, directories.size() - first));
      StoreThreads::shared().for_each(
          found.size(), [&](std::size_t i) { found[i] = names_in(directories[first + i], wanted()); });
      for (Names& names : found) {
        const std::int64_t taken = std::min<std::int64_t>(std::ssize(names), wanted());
        std::move(names.begin(), names.begin() + taken, std::back_inserter(all));
      }
    }
    return all;
  }

  Names names_in(const std::string& directory, std::int64_t most) const {
    Names names;
    const int descriptor = open_descriptor(at_, directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return names;
    const OpenDirectory open(::fdopendir(descriptor));
    if (!open) {
      ::close(descriptor);
      return names;
    }
    while (const dirent* entry = ::readdir(open.get())) {
      if (std::ssize(names) == most) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.push_back(directory + "/" + entry->d_name);
    }
    return names;
  }

  // Adds the entries; returns those that are directories.
  Names look_at(Names entries) {
    std::vector<std::optional<Status>> seen(entries.size());
    StoreThreads::shared().for_each((entries.size() + kAtATime - 1) / kAtATime, [&](std::size_t group) {
      const std::size_t end = std::min(entries.size(), (group + 1) * kAtATime);
      for (std::size_t i = group * kAtATime; i < end; ++i) {
        Status status{};
        if (::fstatat(at_, entries[i].c_str(), &status, 0) == 0) seen[i] = status;
      }
    });
    Names directories;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (++entries_ > kMaxEntries) break;
      if (!seen[i]) continue;
      add(*seen[i]);
      if (S_ISDIR(seen[i]->st_mode)) directories.push_back(std::move(entries[i]));
    }
    return directories;
  }

  void add(const Status& status) {
    const std::uint64_t time = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1000000000U +
                               static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
    const std::uint64_t mixed =
        (time ^ static_cast<std::uint64_t>(status.st_size) << 40U) * 0x9e3779b97f4a7c15U;
    times_ += mixed ^ mixed >> 32U;
    if (S_ISREG(status.st_mode)) bytes_ += status.st_size;
  }

  int at_;
  std::int64_t entries_ = 0;
  std::int64_t bytes_ = 0;
  std::uint64_t times_ = 0;
};

}  // namespace

std::string DirectoryStore::version_below(const std::string& prefix) const {
  if (!prefix.empty()) require_valid_key(prefix, path_, "version");
  const std::shared_ptr<const File> directory = directory_.lease();
  return TreeVersion(directory->descriptor()).of(prefix.empty() ? "." : prefix);
}

void DirectoryStore::remove_temporaries() {
  for (const std::string& name : list("")) {
    if (name.starts_with(kTemporaryPrefix)) remove(name);
  }
}

}  // namespace varve::io
