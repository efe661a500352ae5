#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <string_view>

namespace varve::io::hdf5 {

/// Holds the process-wide right to call libhdf5, which has no usable concurrency of its own: every call of
/// it, in any file of this folder, is made while a LibraryLock lives. One thread may hold several.
class LibraryLock {
 public:
  LibraryLock();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// Returns the innermost message of libhdf5's error stack of this thread and clears the stack; "" if it is
/// empty.
[[nodiscard]] std::string take_error_message();

/// Tells whether the thread's error stack says that a function of the library found nothing to get, rather
/// than that a step below it failed; clears the stack if so. `depth`: entries of such a stack.
[[nodiscard]] bool take_absence(std::size_t depth);

/// Throws FormatError "<location>: <action>: <libhdf5's message>".
[[noreturn]] void throw_library_error(const std::string& location, std::string_view action);

/// Gives back to the system what libhdf5, and malloc below it, keep of what was closed.
void give_back_memory();

}  // namespace varve::io::hdf5
