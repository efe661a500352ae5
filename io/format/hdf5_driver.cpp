#include "io/format/hdf5_driver.hpp"

#include <H5FDpublic.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>

#include "io/store/file.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

NoteOpenedFiles* noting = nullptr;  // guarded by the library lock

}  // namespace

// Called by libhdf5, through which no exception may pass.
void note_opened(const char* name) noexcept {
  if (noting == nullptr) return;
  try {
    noting->names_.emplace_back(name);
  } catch (...) {  // NOLINT: out of memory for a name: nothing else works then either
  }
}

NoteOpenedFiles::NoteOpenedFiles() noexcept { noting = this; }
NoteOpenedFiles::~NoteOpenedFiles() { noting = nullptr; }

namespace {

// Keeps the metadata of one open file, which no budget counts, small; libhdf5's own limit is 32 MiB.
constexpr std::size_t kMetadataCacheBytes = std::size_t{4} << 20U;

/// The view that libhdf5 has of an open file; `base` comes first, as its C interface demands.
struct DriverFile {
  H5FD_t base;
  int descriptor;
  haddr_t end_of_allocation;
  haddr_t end_of_file;
  dev_t device;
  ino_t inode;
};

/// What LocateRawData sees; guarded by the library lock.
struct Recording {
  bool active = false;
  int count = 0;
  FileExtent extent;
};
Recording recording;

DriverFile* cast(H5FD_t* file) { return reinterpret_cast<DriverFile*>(file); }
const DriverFile* cast(const H5FD_t* file) { return reinterpret_cast<const DriverFile*>(file); }

void record(const DriverFile* file, haddr_t address, std::size_t size) {
  ++recording.count;
  recording.extent = {file->descriptor, static_cast<std::int64_t>(address), static_cast<std::int64_t>(size)};
}

int open_flags(unsigned flags) {
  int result = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | ((flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY);
  if ((flags & H5F_ACC_CREAT) != 0) result |= O_CREAT;
  if ((flags & H5F_ACC_TRUNC) != 0) result |= O_TRUNC;
  if ((flags & H5F_ACC_EXCL) != 0) result |= O_EXCL;
  return result;
}

H5FD_t* driver_open(const char* name, unsigned flags, hid_t, haddr_t) {
  constexpr mode_t kMode = 0666;  // less the process's umask
  const int descriptor = open_descriptor(AT_FDCWD, name, open_flags(flags), kMode);
  note_opened(name);
  if (descriptor < 0) return nullptr;
  struct stat status = {};
  auto* file = new (std::nothrow) DriverFile{};
  // Links in files lead here too: what is no regular file, such as a FIFO, is refused without waiting for it.
  if (file == nullptr || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    delete file;
    ::close(descriptor);
    return nullptr;
  }
  file->descriptor = descriptor;
  file->end_of_file = static_cast<haddr_t>(status.st_size);
  file->device = status.st_dev;
  file->inode = status.st_ino;
  return &file->base;
}

herr_t driver_close(H5FD_t* file) {
  const int status = ::close(cast(file)->descriptor);
  delete cast(file);
  return status;
}

int driver_compare(const H5FD_t* left, const H5FD_t* right) {
  const DriverFile* a = cast(left);
  const DriverFile* b = cast(right);
  if (a->device != b->device) return a->device < b->device ? -1 : 1;
  if (a->inode != b->inode) return a->inode < b->inode ? -1 : 1;
  return 0;
}

herr_t driver_query(const H5FD_t*, unsigned long* flags) {
  // No data sieve: raw data that libhdf5 does read must pass the driver at once and unchanged.
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t driver_get_eoa(const H5FD_t* file, H5FD_mem_t) { return cast(file)->end_of_allocation; }

herr_t driver_set_eoa(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  cast(file)->end_of_allocation = address;
  return 0;
}

haddr_t driver_get_eof(const H5FD_t* file, H5FD_mem_t) { return cast(file)->end_of_file; }

herr_t driver_get_handle(H5FD_t* file, hid_t, void** handle) {
  *handle = &cast(file)->descriptor;
  return 0;
}

bool fits_offset(haddr_t address, std::size_t size) {
  constexpr auto kLimit = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
  return address <= kLimit && size <= kLimit - address;
}

herr_t driver_read(H5FD_t* file, H5FD_mem_t type, hid_t, haddr_t address, std::size_t size, void* buffer) {
  if (!fits_offset(address, size)) return -1;
  if (recording.active && type == H5FD_MEM_DRAW) {
    record(cast(file), address, size);
    return 0;
  }
  auto* target = static_cast<char*>(buffer);
  while (size > 0) {
    const ssize_t count = ::pread(cast(file)->descriptor, target, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) {  // allocated, but behind the end of the file: reads as zeros
      std::memset(target, 0, size);
      return 0;
    }
    target += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return 0;
}

herr_t driver_write(H5FD_t* file, H5FD_mem_t type, hid_t, haddr_t address, std::size_t size,
                    const void* buffer) {
  if (!fits_offset(address, size)) return -1;
  cast(file)->end_of_file = std::max(cast(file)->end_of_file, address + size);
  if (recording.active && type == H5FD_MEM_DRAW) {
    record(cast(file), address, size);
    return 0;
  }
  const auto* source = static_cast<const char*>(buffer);
  while (size > 0) {
    const ssize_t count = ::pwrite(cast(file)->descriptor, source, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return -1;
    source += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return 0;
}

herr_t driver_truncate(H5FD_t* base, hid_t, hbool_t) {
  DriverFile* file = cast(base);
  if (file->end_of_file == file->end_of_allocation) return 0;
  if (::ftruncate(file->descriptor, static_cast<off_t>(file->end_of_allocation)) != 0) return -1;
  file->end_of_file = file->end_of_allocation;
  return 0;
}

hid_t register_driver() {
  H5FD_class_t driver = {};
  driver.name = "varve";
  driver.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.open = &driver_open;
  driver.close = &driver_close;
  driver.cmp = &driver_compare;
  driver.query = &driver_query;
  driver.get_eoa = &driver_get_eoa;
  driver.set_eoa = &driver_set_eoa;
  driver.get_eof = &driver_get_eof;
  driver.get_handle = &driver_get_handle;
  driver.read = &driver_read;
  driver.write = &driver_write;
  driver.truncate = &driver_truncate;
  constexpr H5FD_mem_t kFreeLists[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(kFreeLists), std::end(kFreeLists), std::begin(driver.fl_map));
  return H5FDregister(&driver);
}

hid_t driver_id() {
  static const hid_t id = register_driver();
  return id;
}

void limit_metadata_cache(hid_t access) {
  H5AC_cache_config_t config = {};
  config.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  if (H5Pget_mdc_config(access, &config) < 0) return;
  config.max_size = kMetadataCacheBytes;
  config.set_initial_size = true;
  config.initial_size = kMetadataCacheBytes / 4;
  config.min_size = kMetadataCacheBytes / 4;
  H5Pset_mdc_config(access, &config);
}

}  // namespace

void read_bytes(int descriptor, std::int64_t offset, std::span<std::byte> out, const std::string& location) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto position = static_cast<off_t>(offset + static_cast<std::int64_t>(done));
    const ssize_t count = ::pread(descriptor, out.data() + done, out.size() - done, position);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) {
      done += static_cast<std::size_t>(count);
      continue;
    }
    const std::string where = std::to_string(out.size()) + " bytes at " + std::to_string(offset);
    if (count < 0) throw StorageError(location + ": cannot read " + where + ": " + system_message(errno));
    throw FormatError(location + ": the file ends inside the " + where + "; it is truncated");
  }
}

void write_bytes(int descriptor, std::int64_t offset, std::span<const std::byte> bytes,
                 const std::string& location) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto position = static_cast<off_t>(offset + static_cast<std::int64_t>(done));
    const ssize_t count = ::pwrite(descriptor, bytes.data() + done, bytes.size() - done, position);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw StorageError(location + ": cannot write " + std::to_string(bytes.size()) + " bytes at " +
                         std::to_string(offset) + ": " + system_message(count < 0 ? errno : ENOSPC));
    }
    done += static_cast<std::size_t>(count);
  }
}

Handle file_access() {
  const LibraryLock lock;
  const std::string location = "HDF5";
  Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), location, "cannot make file access properties");
  check_status(H5Pset_driver(access.get(), driver_id(), nullptr), location, "cannot set the file driver");
  // Our readers cache chunks themselves; the fallback through H5Dread must not add memory that no budget
  // counts.
  check_status(H5Pset_cache(access.get(), 0, 0, 0, 0.75), location, "cannot switch the chunk cache off");
  limit_metadata_cache(access.get());
  return access;
}

hid_t dataset_access() {
  const LibraryLock lock;
  static const hid_t access = [] {
    const hid_t list = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_efile_prefix(list, "${ORIGIN}");
    H5Pset_virtual_prefix(list, "${ORIGIN}");
    return list;
  }();
  return access;
}

Handle open_object(hid_t place, const std::string& path) {
  const LibraryLock lock;
  Handle dataset(H5Dopen2(place, path.c_str(), dataset_access()));
  if (dataset) return dataset;
  H5Eclear2(H5E_DEFAULT);
  return Handle(H5Oopen(place, path.c_str(), H5P_DEFAULT));
}

int descriptor_of(hid_t file) {
  const LibraryLock lock;
  const Handle access(H5Fget_access_plist(file));
  if (!access || H5Pget_driver(access.get()) != driver_id()) return -1;
  void* handle = nullptr;
  if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || handle == nullptr) return -1;
  return *static_cast<int*>(handle);
}

LocateRawData::LocateRawData() noexcept { recording = {true, 0, {}}; }
LocateRawData::~LocateRawData() { recording.active = false; }

std::optional<FileExtent> LocateRawData::found() const {
  if (recording.count != 1) return std::nullopt;
  return recording.extent;
}

}  // namespace varve::io::hdf5
