#pragma once

#include <hdf5.h>

#include <string>
#include <vector>

namespace varve::io::hdf5 {

/// Returns the files that hold elements of a dataset beside its own: raw ones, and those of virtual sources
/// as far as their names are plain. `file` is that of the dataset.
[[nodiscard]] std::vector<std::string> source_files(hid_t creation, const std::string& file);

}  // namespace varve::io::hdf5
