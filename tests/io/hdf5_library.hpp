#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

#include "io/format/hdf5_handle.hpp"

namespace varve::test {

using io::hdf5::Handle;

/// Says how an independent writer, libhdf5 itself, lays out a dataset.
struct LibraryLayout {
  std::vector<hsize_t> shape = {60, 50};
  std::vector<hsize_t> maximum;  ///< H5S_UNLIMITED for growing axes; empty: the shape
  std::vector<hsize_t> chunks;   ///< empty: contiguous
  bool shuffle = false;
  int deflate = -1;
  bool fletcher32 = false;
  bool early = false;  ///< allocate all at once: gives the implicit index
  bool compact = false;
  unsigned chunk_options = 0;
  hid_t type = H5I_INVALID_HID;         ///< of the file; default: int32, little-endian
  hid_t memory_type = H5I_INVALID_HID;  ///< default: native int32
};

/// Writes test files with libhdf5 alone.
class LibraryFile {
 public:
  LibraryFile(const std::string& path, bool latest, hsize_t user_block = 0) {
    const io::hdf5::LibraryLock lock;
    const Handle access(H5Pcreate(H5P_FILE_ACCESS));
    const Handle creation(H5Pcreate(H5P_FILE_CREATE));
    H5Pset_libver_bounds(access.get(), latest ? H5F_LIBVER_LATEST : H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
    H5Pset_userblock(creation.get(), user_block);
    file_ = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
  }

  [[nodiscard]] hid_t id() const noexcept { return file_.get(); }

  /// Creates a dataset; writes `values` to all of it, or nothing if null.
  Handle add(const std::string& name, const LibraryLayout& layout, const void* values) {
    const io::hdf5::LibraryLock lock;
    const Handle properties = make_properties(layout);
    const auto* maximum = layout.maximum.empty() ? nullptr : layout.maximum.data();
    const Handle space(layout.shape.empty() ? H5Screate(H5S_SCALAR)
                                            : H5Screate_simple(static_cast<int>(layout.shape.size()),
                                                               layout.shape.data(), maximum));
    const hid_t type = layout.type >= 0 ? layout.type : H5T_STD_I32LE;
    const hid_t memory = layout.memory_type >= 0 ? layout.memory_type : H5T_NATIVE_INT32;
    Handle dataset(
        H5Dcreate2(file_.get(), name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
    if (values != nullptr) H5Dwrite(dataset.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    return dataset;
  }

 private:
  static Handle make_properties(const LibraryLayout& layout) {
    Handle properties(H5Pcreate(H5P_DATASET_CREATE));
    if (layout.compact) H5Pset_layout(properties.get(), H5D_COMPACT);
    if (!layout.chunks.empty()) {
      H5Pset_chunk(properties.get(), static_cast<int>(layout.chunks.size()), layout.chunks.data());
      if (layout.chunk_options != 0) H5Pset_chunk_opts(properties.get(), layout.chunk_options);
    }
    if (layout.shuffle) H5Pset_shuffle(properties.get());
    if (layout.deflate >= 0) H5Pset_deflate(properties.get(), static_cast<unsigned>(layout.deflate));
    if (layout.fletcher32) H5Pset_fletcher32(properties.get());
    if (layout.early) H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY);
    return properties;
  }

  Handle file_;
};

/// Returns 0, 1, 2...
inline std::vector<std::int32_t> counting(std::size_t count) {
  std::vector<std::int32_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::int32_t>(i);
  return values;
}

}  // namespace varve::test
