#pragma once

#include "io/store/pending_output.hpp"

namespace varve::io {

/// An output on a disk here, written as ".<name>.varve-partial" beside its target and renamed. A lock of the
/// operating system (flock) on the partial file or directory itself keeps other runs away; it ends with the
/// process. On file systems without such locks there is none.
class RenamedOutput final : public PendingOutput {
 public:
  /// Looks at the target only. Errors: Error if the path has no name; StorageError if the target exists and
  /// that is not allowed, or is a directory that a file is to replace.
  explicit RenamedOutput(const OutputRequest& request);
  ~RenamedOutput() override;

  void claim() override;
  void clear() const override;
  void keep(bool stays) noexcept override { kept_ = stays; }
  /// If it syncs, the rename follows when everything is on the disk.
  void publish() override;

 private:
  [[nodiscard]] File open_partial() const;
  void require_replaceable_kind() const;
  void flush() const;
  void replace();
  void rename_without_flags(bool replaces) const;
  void remove_partial() const noexcept;
  [[noreturn]] void fail_publishing(int error_number) const;

  bool is_directory_;
  bool sync_;
  bool kept_ = false;
};

/// Returns the name that such an output has until it is whole; "" for a path without a name.
[[nodiscard]] std::string partial_path(const std::string& path);

}  // namespace varve::io
