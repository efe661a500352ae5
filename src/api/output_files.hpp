#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/block_writer.hpp"
#include "api/resolved_output.hpp"
#include "io/format.hpp"

namespace varve::api {

/// The places where a run's outputs go: sinks of blocks, and files. Several outputs may share a file, under
/// whatever spelling of its path.
class OutputFiles {
 public:
  /// Creates the files beside their targets. Errors: ArgumentError if outputs in one file disagree about it;
  /// those of io::create_output.
  explicit OutputFiles(const std::vector<ResolvedOutput>& outputs);

  /// Returns one writer per output, of a file or of blocks; null for those that stay in memory.
  [[nodiscard]] const std::vector<io::DatasetWriter*>& writers() const noexcept { return writers_; }

  void commit();
  /// Leaves what was written so far, for a later run that resumes.
  void keep_partial() noexcept;

 private:
  void add_sink(const ResolvedOutput& output);
  void add_file(const ResolvedOutput& output, io::OutputOptions options);

  struct File {
    std::unique_ptr<io::OutputFile> file;
    Existing existing = Existing::fail;
    const io::Format* format = nullptr;
  };
  std::map<std::string, File> files_;  ///< by canonical path
  std::vector<io::OutputFile*> order_;
  std::vector<io::DatasetWriter*> writers_;
  std::vector<std::unique_ptr<BlockWriter>> block_writers_;
  bool resumable_ = false;
};

}  // namespace varve::api
