#include "io/format/hdf5_lock.hpp"

#include <malloc.h>

#include "varve/core/error.hpp"
#include "varve/core/process_wide.hpp"

namespace varve::io::hdf5 {

// One for all copies of Varve in the process, which share one libhdf5.
struct LibraryMutex {
  std::recursive_mutex mutex;
};

namespace {

herr_t keep_innermost(unsigned depth, const H5E_error2_t* error, void* text) {
  if (depth == 0 && error->desc != nullptr) *static_cast<const char**>(text) = error->desc;
  return 0;
}

/// Adds what a message of the library means for who reads it.
std::string with_cause(std::string message) {
  if (message.find("version number") == std::string::npos) return message;
  unsigned version[3] = {};
  H5get_libversion(&version[0], &version[1], &version[2]);
  const std::string own =
      std::to_string(version[0]) + "." + std::to_string(version[1]) + "." + std::to_string(version[2]);
  return message + "; written by a newer HDF5 than " + own +
         ", which reads it here, unless it is damaged: write it again with bounds for older versions "
         "(libver=\"v108\", or h5repack --high=1)";
}

}  // namespace

LibraryLock::LibraryLock() : lock_(process_wide<LibraryMutex>().mutex) {
  // The error stack, and whether it prints itself, belong to the thread.
  thread_local bool silenced = false;
  if (silenced) return;
  // Files of ours are closed before the program ends. libhdf5's own exit handler would only meet those whose
  // disk filled up, which it cannot close and crashes on. Without effect where the program used libhdf5
  // before us.
  [[maybe_unused]] static const herr_t no_exit_handler = H5dont_atexit();
  H5open();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  silenced = true;
}

std::string take_error_message() {
  const LibraryLock lock;
  const char* innermost = nullptr;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, &keep_innermost, &innermost);
  std::string message = innermost == nullptr ? "" : innermost;
  H5Eclear2(H5E_DEFAULT);
  return with_cause(std::move(message));
}

bool take_absence(std::size_t depth) {
  const LibraryLock lock;
  struct Stack {
    std::size_t entries = 0;
    bool innermost_cannot_get = false;
  } stack;
  const auto visit = [](unsigned index, const H5E_error2_t* error, void* data) -> herr_t {
    auto* seen = static_cast<Stack*>(data);
    ++seen->entries;
    if (index == 0) seen->innermost_cannot_get = error->min_num == H5E_CANTGET;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, visit, &stack);
  const bool absent = stack.innermost_cannot_get && stack.entries == depth;
  if (absent) H5Eclear2(H5E_DEFAULT);
  return absent;
}

void give_back_memory() {
  const LibraryLock lock;
  H5garbage_collect();
  ::malloc_trim(0);
}

void throw_library_error(const std::string& location, std::string_view action) {
  const std::string message = take_error_message();
  throw FormatError(location + ": " + std::string(action) + (message.empty() ? "" : ": " + message));
}

}  // namespace varve::io::hdf5
