#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "io/formats.hpp"

namespace varve::io {

/// Opens one array of a file or directory, of any format in `formats()`. The format is found by content
/// (zarr.json, .zarray, .zgroup, magic numbers), not by the name's ending. `variable` may be a path inside
/// groups ("forecast/q"); empty means the only array of the file. Errors: StorageError if it does not exist
/// or cannot be read; FormatError if it is damaged or of an unsupported kind; Error, naming the variables, if
/// `variable` is empty and there are several, or none has that name.
[[nodiscard]] std::shared_ptr<Dataset> open_dataset(const std::string& path,
                                                    const std::string& variable = "");

/// One array inside a file, by name; or why it cannot be read (strings, compound types, unknown codecs).
struct VariableSummary {
  std::string name;
  std::string problem;  ///< empty if it can be opened
};

/// Describes what a file holds: group attributes and arrays, by path, in the file's order.
struct FileSummary {
  std::string format;
  Attributes attributes;                               ///< of the root group
  std::map<std::string, Attributes> group_attributes;  ///< of the groups below, by path
  std::vector<VariableSummary> variables;
  /// Keeps the file open as long as the summary lives, which makes opening many of its arrays cheaper; may be
  /// null.
  std::shared_ptr<const void> file = nullptr;
};

/// Lists what a file holds. Errors as `open_dataset`.
[[nodiscard]] FileSummary summarize_file(const std::string& path);

/// Lists the files and directories that reading an array touches: the path itself, the array's own directory
/// in a Zarr, and those where links, external files and virtual sources lead, whether they exist or not. What
/// cannot be opened is listed and not followed; of large directories and many sources, the first count.
[[nodiscard]] std::vector<std::string> files_behind(const std::string& path, const std::string& variable);

struct OutputOptions {
  ExistingOutput existing = ExistingOutput::fail;
  bool sync = false;      ///< `commit` waits until everything is on the disk
  Attributes attributes;  ///< of the root group
  /// By path, of the groups below; those that get no array are made too.
  std::map<std::string, Attributes> group_attributes;
  std::string plan_hash;  ///< a resumed run must have the same
};

/// A file (or directory) being written: one or several datasets, visible under its name only after
/// `commit`. Until then everything lies beside the target under a temporary name (".<name>.varve-partial"),
/// which the destructor removes unless `keep_partial` was called (a run that will be resumed).
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  /// Adds an array. `name` may be a path inside groups; empty only for a file with a single array at its root
  /// (Zarr, npy; HDF5 and NetCDF then use "data"). The writer lives as long as the file.
  virtual DatasetWriter& add_dataset(const std::string& name, const DatasetSpec& spec) = 0;
  /// Flushes, closes and renames to the target. Errors: StorageError.
  virtual void commit() = 0;
  /// Leaves the partial output on disk so that a later run can resume it; where the format cannot resume,
  /// does nothing.
  virtual void keep_partial() noexcept {}
};

/// Creates an output.
/// Errors: StorageError if the target exists (and `fail`), or cannot be written; ArgumentError if it is to be
/// resumed and the format cannot.
[[nodiscard]] std::unique_ptr<OutputFile> create_output(const OutputPlace& place,
                                                        const OutputOptions& options);

}  // namespace varve::io
