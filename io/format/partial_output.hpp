#pragma once

#include <string>

#include "io/format.hpp"

namespace varve::io {

/// Names the two places of an output: where it is written (".<name>.varve-partial") and where it appears when
/// complete.
struct PartialOutput {
  /// Errors: Error if `path` has no name; StorageError if the target exists and `existing` does not allow
  /// that.
  PartialOutput(const std::string& path, ExistingOutput existing_output);

  /// Gives the complete output its name, replacing an older one if that was asked for. Readers see the old
  /// output or the new one. Errors: StorageError, with the partial output left in place.
  void publish() const;
  /// Removes what lies at the partial path, if anything. Never fails.
  void discard() const noexcept;

  std::string target;
  std::string partial;
  ExistingOutput existing;
};

}  // namespace varve::io
