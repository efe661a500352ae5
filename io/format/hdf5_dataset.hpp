#pragma once

#include <memory>

#include "io/format/hdf5_file.hpp"

namespace varve::io::hdf5 {

// Some ways to read an open array; `make_reader` picks the one for its layout.

/// Reads chunks with pread and our codecs; libhdf5 only tells where they lie.
[[nodiscard]] std::shared_ptr<Dataset> make_chunked_reader(OpenArray array);
/// Reads a contiguous dataset with pread.
[[nodiscard]] std::shared_ptr<Dataset> make_contiguous_reader(OpenArray array);
/// Reads through H5Dread, under the lock: compact and external layouts, virtual ones that are not plain, and
/// filters that are not ours.
[[nodiscard]] std::shared_ptr<Dataset> make_library_reader(OpenArray array);
/// Does the same and lets libhdf5 convert the elements, which are numbers, to another dtype.
[[nodiscard]] std::shared_ptr<Dataset> make_converting_reader(OpenArray array, DType dtype);
/// Reads a virtual dataset from its sources where its mappings are plain: see hdf5_virtual_mappings.hpp.
[[nodiscard]] std::shared_ptr<Dataset> make_virtual_reader(OpenArray array);

[[nodiscard]] std::shared_ptr<Dataset> make_reader(OpenArray array);

}  // namespace varve::io::hdf5
