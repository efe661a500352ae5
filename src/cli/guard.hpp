#pragma once

#include <cstdint>
#include <new>
#include <string>
#include <type_traits>

#include "varve/storage.hpp"

namespace varve::cli {

/// Stands by while libhdf5 looks at a file, which it does not survive with every damaged one: a crash, an end
/// by abort, or more processor time than the file's size explains end the program with one line, which names
/// the file, and status 1; more than 1 GiB of memory is refused. Nothing is changed but the process's limits,
/// its handlers of such signals, and where its standard error leads, all until the guard dies. Inside another
/// guard, and for files that libhdf5 does not read, it does nothing.
class Guard {
 public:
  explicit Guard(const std::string& path);
  /// With so many seconds of processor time.
  Guard(const std::string& path, std::int64_t processor_seconds);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard();

  /// Says what `std::bad_alloc` means here. Errors: FormatError.
  [[noreturn]] void refuse_memory() const;

  [[nodiscard]] bool stands_by() const noexcept { return stands_by_; }

 private:
  std::string path_;
  bool stands_by_ = false;
};

/// Returns what `look` returns, called under a guard. Errors: those of `look`, and FormatError.
template <class Look>
std::invoke_result_t<Look> guarded(const std::string& path, const Look& look) {
  const Guard guard(path);
  try {
    return look();
  } catch (const std::bad_alloc&) {
    if (!guard.stands_by()) throw;
    guard.refuse_memory();
  }
}

/// Opens an array under a guard. Errors: those of `open`, and FormatError.
[[nodiscard]] Array open_guarded(const std::string& path, const std::string& variable,
                                 const OpenOptions& options = {});

/// Tells whether opening a file may call libhdf5: any regular file but one of a format that is read without
/// it. False for what is none.
[[nodiscard]] bool needs_guard(const std::string& path);

}  // namespace varve::cli
