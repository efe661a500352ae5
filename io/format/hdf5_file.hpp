#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "io/format/hdf5_driver.hpp"
#include "io/format/hdf5_dtype.hpp"
#include "io/format/hdf5_filters.hpp"
#include "io/store/leased_file.hpp"

namespace varve::io::hdf5 {

enum class Layout { compact, contiguous, chunked, external, virtual_sources };

/// What libhdf5 holds of an open array: some 0.6 MiB a file. `file` outlives the others (order of members).
struct ArrayHandles {
  Handle file;
  Handle dataset;
  Handle type;
};

/// An array of a file with everything that reading it takes.
struct OpenArray {
  /// Leased, and the result let go, only while a LibraryLock lives.
  std::shared_ptr<LeasedHandle<ArrayHandles>> handles;
  /// The file that holds the dataset (behind an external link, another one), for reading beside libhdf5.
  std::shared_ptr<const LeasedFile> raw;
  std::string holder;  ///< absolute path of that file
  /// Other files that hold its elements: raw ones, those of virtual sources.
  std::vector<std::string> sources;
  std::int64_t file_bytes = 0;  ///< of `raw`, when it was opened
  Layout layout = Layout::contiguous;
  ElementType element;
  std::vector<std::byte> fill;  ///< one native element
  FilterPipeline pipeline;      ///< chunked only
  /// Chunked only: chunks that the array's edge cuts are stored without filters.
  bool edges_unfiltered = false;
  /// Contiguous only: of the first element in the file; -1 if nothing was written.
  std::int64_t data_offset = -1;
  DatasetInfo info;
};

/// Returns where the HDF5 signature stands: at the start, or behind a user block of 512, 1024, 2048... bytes.
[[nodiscard]] std::optional<std::streamoff> find_signature(std::istream& file);

/// Opens a file for reading. Errors: StorageError if the system refuses, FormatError if it is not sound HDF5.
[[nodiscard]] Handle open_file(const std::string& path);

/// Opens and describes the dataset `variable`, a path that exists. The grid of layouts without chunks is one
/// of blocks of about 1 MiB. Errors: FormatError naming what is unsupported or broken.
[[nodiscard]] OpenArray open_array(const std::string& path, const std::string& variable);

/// Does the same without what reading elements does not take: attributes, names of dimensions, and whether
/// the file is NetCDF.
[[nodiscard]] OpenArray open_elements(const std::string& path, const std::string& variable);

/// Returns what `info.identity` would be if the array were opened now. Errors: StorageError if its file is
/// gone.
[[nodiscard]] std::string current_identity(const OpenArray& array);

/// Tells why an open dataset cannot be read ("fixed-length string", "has no data"...); "" if nothing forbids
/// it.
[[nodiscard]] std::string problem_of(hid_t dataset);

}  // namespace varve::io::hdf5
