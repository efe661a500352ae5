#pragma once

#include <string>

#include "io/store/file.hpp"

namespace varve::io {

/// What to do where the output exists already.
enum class ExistingOutput { fail, overwrite, resume };

/// How a store makes an output appear whole under its name.
enum class Publishing {
  rename,  ///< written under another name, which is then changed: readers see the old output or the new one
  marker,  ///< written in place; a last value says that the others are there
  none,    ///< written in place; readers cannot tell when it is whole
};

/// An output as a store is asked to take it.
struct OutputRequest {
  std::string path;
  ExistingOutput existing = ExistingOutput::fail;
  bool is_directory = false;
  bool sync = false;  ///< publishing waits until everything is on the disk
};

/// An output from its beginning until its store publishes it. Destroyed before, it leaves nothing behind
/// unless it is to be kept.
class PendingOutput {
 public:
  explicit PendingOutput(ExistingOutput existing) : existing_(existing) {}
  PendingOutput(const PendingOutput&) = delete;
  PendingOutput& operator=(const PendingOutput&) = delete;
  virtual ~PendingOutput() = default;

  /// Makes the output ours: begins it, or takes over what an interrupted run left. Errors: StorageError if
  /// another run is writing it, or if it cannot be created.
  virtual void claim() = 0;
  /// Empties what was taken over. Errors: StorageError.
  virtual void clear() const = 0;
  /// Says whether what is written stays where it is not published.
  virtual void keep(bool stays) noexcept = 0;
  /// Makes the complete output appear under its name, in place of an older one if that was asked for. Errors:
  /// StorageError, with what was written left in place and named in the message.
  virtual void publish() = 0;

  /// Returns the name that readers will know.
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  /// Returns where it is written until it is published.
  [[nodiscard]] const std::string& place() const noexcept { return place_; }
  /// Returns the claimed file, open for reading and writing, or directory.
  [[nodiscard]] const File& file() const noexcept { return file_; }
  [[nodiscard]] ExistingOutput existing() const noexcept { return existing_; }

 protected:
  std::string target_;
  std::string place_;
  ExistingOutput existing_;
  File file_;
};

}  // namespace varve::io
