#pragma once

#include <memory>
#include <set>
#include <string>

#include "io/format/hdf5_file.hpp"
#include "io/format/hdf5_virtual_mappings.hpp"

namespace varve::io::hdf5 {

/// What one opening of a virtual dataset, whose sources may be virtual too, has left and has found.
struct VirtualOpening {
  int depth = 0;
  /// A mapping takes some 0.7 KiB as long as the dataset lives, and its source 0.3 ms to open.
  std::size_t mappings_left = 20000;
  std::set<std::string> files;  ///< that hold elements, or would if they existed
};

/// Reads a virtual dataset from its sources where its mappings are plain, else through libhdf5. Errors:
/// FormatError if it leads back to itself.
[[nodiscard]] std::shared_ptr<Dataset> make_virtual_reader(OpenArray array, VirtualOpening& opening);

/// A source of a virtual dataset: open while it is read, and as long as few others are read after it.
/// Thread-safe.
using VirtualSource = LeasedHandle<std::shared_ptr<const Dataset>>;

/// How the sources of a virtual dataset are found and read.
struct SourceRules {
  std::string holder;  ///< absolute path of the file of the virtual dataset
  DType dtype = DType::float64;
  hid_t type = H5I_INVALID_HID;  ///< of the file
};

/// What came of looking for a source.
struct FoundSource {
  bool is_unfit = false;  ///< exists, and libhdf5 alone can read it as an element of the array
  std::shared_ptr<const Dataset> opened;  ///< null if it is missing
  std::unique_ptr<VirtualSource> source;
};

/// Looks for a source and opens it. Errors: StorageError or FormatError if it exists and cannot be read.
[[nodiscard]] FoundSource find_source(const SourceName& name, const SourceRules& rules,
                                      VirtualOpening& opening);

}  // namespace varve::io::hdf5
