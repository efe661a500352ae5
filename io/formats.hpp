#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/store/stores.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io {

class Dataset;
class OutputFile;
struct DatasetSpec;
struct FileSummary;
struct OutputOptions;

/// What readers of a format take the fill value of an array for.
enum class FillMeaning {
  value,             ///< an element like any other
  missing_if_named,  ///< "missing", in arrays whose axes have names
  missing,           ///< "missing"; the format has default fill values that mean so, too
};

/// The fate of an output whose interrupted run is to be resumed.
enum class Resuming {
  goes_on,      ///< finished chunks stay
  starts_anew,  ///< it is written again
  refused,
};

/// What outputs of a format hold beside the numbers of one array.
struct FormatKeeps {
  bool several_arrays = true;  ///< with names, in groups; else one array without a name
  bool attributes = true;      ///< of arrays, groups and the file, with names of axes
  bool chunks = true;
  bool codecs = true;
  bool coordinates = true;    ///< coordinate variables, which axes bring along
  bool source_names = false;  ///< arrays without a name get that of their source
  Resuming resuming = Resuming::refused;
  FillMeaning fill = FillMeaning::value;
  std::span<const DType> lacks = {};  ///< dtypes that nothing stands for
};

/// What a path shows before its format is known.
struct FirstLook {
  std::string path;
  bool is_directory = false;
  std::string start;  ///< of a file: up to 8 bytes
};

/// A format of files, or one version of it. All that is asked about formats is asked here.
struct Format {
  std::string_view name;                      ///< as DatasetInfo::format says it: "zarr v3"
  std::string_view title;                     ///< as people say it: "Zarr"
  std::span<const std::string_view> endings;  ///< of outputs; the first is the usual one
  int version = 0;  ///< of formats that have several with one ending: as outputs ask for it; else 0
  bool is_directory = false;
  bool calls_libhdf5 = false;      ///< which does not survive every damaged file
  std::string_view default_codec;  ///< a fast one
  FormatKeeps keeps;

  bool (*recognises)(const FirstLook& look);
  std::shared_ptr<Dataset> (*open)(const std::string& path, const std::string& variable);
  FileSummary (*summarize)(const std::string& path);
  /// Never fails: see `files_behind`.
  std::vector<std::string> (*files_behind)(const std::string& path, const std::string& variable);
  /// Counts the bytes of all chunks where `DatasetInfo::stored_bytes` does not tell them; -1 if that is dear.
  std::int64_t (*count_stored_bytes)(const std::string& path, const std::string& variable);
  std::unique_ptr<OutputFile> (*create)(std::unique_ptr<PendingOutput> output, const OutputOptions& options);
  /// Returns the workspace that `DatasetWriter::write_chunk` needs at most for such an array, without a file.
  /// Errors: ArgumentError for a codec that the format does not have; FormatError for chunks too large for
  /// it.
  std::int64_t (*write_workspace_bytes)(const DatasetSpec& spec);
};

/// Returns all formats. Of those with one ending the first is what outputs get.
[[nodiscard]] std::span<const Format> formats();

/// Returns the format that DatasetInfo or FileSummary names; null if there is none of that name.
[[nodiscard]] const Format* format_named(std::string_view name);

/// Returns the format of an output by the ending of its path: that version of it, where there are several,
/// or the usual one for 0. Null if the ending says none, or there is no such version.
[[nodiscard]] const Format* format_of_ending(std::string_view path, int version = 0);

/// Returns the format of what lies at a path, found by content; null if it is none of ours. Errors:
/// StorageError if there is nothing, or it cannot be read.
[[nodiscard]] const Format* format_of_content(const std::string& path);

/// Lists the usual endings of those formats that `which` holds for: ".zarr, .h5 or .nc".
[[nodiscard]] std::string list_endings(std::string_view before_last,
                                       const std::function<bool(const Format&)>& which);

/// Lists the formats as people call them: "Zarr, HDF5, NetCDF-4 or npy".
[[nodiscard]] std::string list_formats(std::string_view before_last);

/// Where an output is written: in which store, and in which format.
struct OutputPlace {
  /// Errors: ArgumentError if the ending of `path` says no format, or the format has no such version.
  OutputPlace(const std::string& path, int version = 0);

  /// Errors: DTypeError if the format has nothing to hold the dtype with.
  void require_dtype(DType dtype) const;

  std::string path;
  const Store* store;    ///< never null
  const Format* format;  ///< never null
};

}  // namespace varve::io
