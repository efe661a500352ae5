#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <vector>

namespace varve::io::hdf5 {

/// Returns the files that hold elements of a dataset beside its own: raw ones, and those of virtual sources
/// as far as their names are plain. `file` is that of the dataset.
[[nodiscard]] std::vector<std::string> source_files(hid_t creation, const std::string& file);

/// Returns the absolute paths at which libhdf5 looks for a file that a virtual dataset in `holder` (absolute)
/// names, other than ".", in its order.
[[nodiscard]] std::vector<std::string> source_places(const std::string& name, const std::string& holder);

/// Returns the absolute paths at which libhdf5 may look for a raw file that a dataset in `holder` (absolute)
/// names.
[[nodiscard]] std::vector<std::string> raw_file_places(const std::string& name, const std::string& holder);

/// Returns the first of `source_places` that exists. Nothing if there is none. Errors: StorageError if the
/// system does not tell.
[[nodiscard]] std::optional<std::string> find_source_file(const std::string& name, const std::string& holder);

/// Tells whether a virtual dataset leads back to itself, over any number of others: libhdf5 reads it without
/// end. Errors: FormatError if it leads over too many others to tell.
[[nodiscard]] bool leads_to_itself(const std::string& path, const std::string& variable);

}  // namespace varve::io::hdf5
