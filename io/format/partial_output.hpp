#pragma once

#include <string>

#include "io/format.hpp"
#include "io/store/file.hpp"

namespace varve::io {

/// The place where an output is written (".<name>.varve-partial", beside the target) until it is complete.
/// A lock of the operating system (flock) on the partial file or directory itself keeps other runs away; it
/// ends with the process. On file systems without such locks there is none.
class PartialOutput {
 public:
  enum class Kind { file, directory };

  /// Looks at the target only. `sync`: publishing waits for the disk. Errors: Error if `path` has no name;
  /// StorageError if the target exists and `existing` does not allow that, or is a directory that a file is
  /// to replace.
  PartialOutput(const std::string& path, ExistingOutput existing, Kind kind, bool sync);
  PartialOutput(const PartialOutput&) = delete;
  PartialOutput& operator=(const PartialOutput&) = delete;
  /// Removes the partial output if it is ours, unless it was published or is to be kept.
  ~PartialOutput();

  /// Makes the partial output ours: creates it, or takes over what an interrupted run left. Errors:
  /// StorageError if another run is writing it, or if it cannot be created.
  void claim();
  /// Empties what was taken over. Errors: StorageError.
  void clear() const;
  /// Says whether the partial output stays on disk where it is not published.
  void keep(bool stays) noexcept { kept_ = stays; }
  /// Gives the complete output its name, replacing an older one if that was asked for; if it syncs, when
  /// everything is on the disk. Readers see the old output or the new one. Errors: StorageError, with the
  /// partial output left in place and named in the message.
  void publish();

  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  [[nodiscard]] const std::string& partial() const noexcept { return partial_; }
  /// Returns the claimed file, open for reading and writing, or directory.
  [[nodiscard]] const File& file() const noexcept { return lock_; }
  [[nodiscard]] ExistingOutput existing() const noexcept { return existing_; }

 private:
  [[nodiscard]] File open_partial() const;
  void require_replaceable_kind() const;
  void flush() const;
  void replace();
  void rename_without_flags(bool replaces) const;
  void remove_partial() const noexcept;
  [[noreturn]] void fail_publishing(int error_number) const;

  std::string target_;
  std::string partial_;
  ExistingOutput existing_;
  Kind kind_;
  bool sync_;
  File lock_;  ///< the partial file or directory
  bool kept_ = false;
};

}  // namespace varve::io
