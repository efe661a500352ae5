#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "io/format/box_reader.hpp"
#include "io/format/hdf5_dataset.hpp"

namespace varve::io::hdf5 {
namespace {

using Extents = std::array<hsize_t, H5S_MAX_RANK>;

Extents to_extents(const std::int64_t* values, std::int64_t count) {
  Extents extents = {};
  std::copy(values, values + count, extents.begin());
  return extents;
}

// What libhdf5 allocates to decode a chunk: the chunk as stored, and the input and output of one filter.
std::int64_t library_bytes(std::int64_t chunk_bytes) {
  constexpr std::int64_t kHeaders = 64 << 10;
  return 3 * chunk_bytes + chunk_bytes / 8 + kHeaders;
}

// libhdf5 takes its memory from malloc, not from us. So the workspace stands for it: it gives its pages back
// to the system while libhdf5 has as many.
void lend_pages(std::span<std::byte> workspace) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(workspace.data());
  const std::uintptr_t first = (start + page - 1) / page * page;
  const std::uintptr_t last = (start + workspace.size()) / page * page;
  if (first < last) static_cast<void>(::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED));
}

class LibraryReader final : public Dataset {
 public:
  explicit LibraryReader(OpenArray array) : array_(std::move(array)) {
    DatasetInfo& info = array_.info;
    info.partial_reads = array_.layout != Layout::chunked;
    info.read_workspace_bytes =
        info.partial_reads ? info.chunk_bytes() + kBoxWorkspaceBytes : library_bytes(info.chunk_bytes());
  }

  LibraryReader(OpenArray array, DType dtype) : LibraryReader(std::move(array)) {
    DatasetInfo& info = array_.info;
    memory_type_ = make_file_type(dtype, BoolForm::enumeration);
    const std::int64_t stored_chunk_bytes = info.chunk_bytes();
    array_.element = {dtype, 0};
    info.dtype = dtype;
    info.chunk_strides = c_order_strides(info.chunk_shape, size_bytes(dtype));
    info.read_workspace_bytes = info.partial_reads
                                    ? info.chunk_bytes() + kBoxWorkspaceBytes
                                    : library_bytes(std::max(stored_chunk_bytes, info.chunk_bytes()));
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    lend_pages(workspace);
    const Box box = array_.info.grid.box_of(chunk);
    out = out.first(static_cast<std::size_t>(array_.info.chunk_bytes()));
    // Where the array's edge cuts the chunk, its other elements are not read, yet normalised below.
    if (box.shape() != array_.info.chunk_shape) std::fill(out.begin(), out.end(), std::byte{0});
    read_to(box, array_.info.chunk_shape, out.data());
    if (array_.layout == Layout::chunked)
      ::malloc_trim(0);  // or the next user of the workspace finds it lent for good
    normalize_elements(array_.element, out);
    return bytes_of(box);
  }

  [[nodiscard]] std::string current_identity() const override { return hdf5::current_identity(array_); }

  std::int64_t read_part(const ChunkIndex&, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    if (part.empty()) return 0;
    const auto dense = workspace.first(static_cast<std::size_t>(bytes_of(part)));
    read_to(part, part.shape(), dense.data());
    const auto read = [&](std::int64_t offset, std::span<std::byte> bytes) {
      std::memcpy(bytes.data(), dense.data() + offset, bytes.size());
    };
    const StoredLayout layout{0, c_order_strides(part.shape(), size_bytes(out.dtype)),
                              array_.element.swap_bytes};
    return read_box(read, layout, relative_to(part, part.lo), out,
                    workspace.subspan(static_cast<std::size_t>(array_.info.chunk_bytes())));
  }

 private:
  [[nodiscard]] std::int64_t bytes_of(const Box& box) const {
    return element_count(box.shape()) * size_bytes(array_.info.dtype);
  }

  /// Reads `box` to the first corner of dense memory of shape `extents`, in the file's own element type.
  void read_to(const Box& box, const Shape& extents, std::byte* out) const {
    const LibraryLock lock;
    const std::string& location = array_.info.location;
    const auto handles = array_.handles->lease();
    const hid_t dataset = handles->dataset.get();
    const hid_t type = memory_type_ ? memory_type_.get() : handles->type.get();
    if (box.ndim() == 0) {
      return check_status(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), location,
                          "cannot read");
    }
    const Shape shape = box.shape();
    const Extents start = to_extents(box.lo.begin(), box.ndim());
    const Extents count = to_extents(shape.begin(), box.ndim());
    const Extents memory_extents = to_extents(extents.begin(), box.ndim());
    const Extents zero = {};
    const Handle source = checked(H5Dget_space(dataset), location, "cannot read the shape");
    const Handle target =
        checked(H5Screate_simple(static_cast<int>(box.ndim()), memory_extents.data(), nullptr), location,
                "cannot describe the memory");
    check_status(
        H5Sselect_hyperslab(source.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
        location, "cannot select the box");
    check_status(
        H5Sselect_hyperslab(target.get(), H5S_SELECT_SET, zero.data(), nullptr, count.data(), nullptr),
        location, "cannot select the memory");
    check_status(H5Dread(dataset, type, target.get(), source.get(), H5P_DEFAULT, out), location,
                 "cannot read " + to_string(box));
  }

  OpenArray array_;
  Handle memory_type_;  ///< where the elements are converted
};

}  // namespace

std::shared_ptr<Dataset> make_library_reader(OpenArray array) {
  return std::make_shared<LibraryReader>(std::move(array));
}

std::shared_ptr<Dataset> make_converting_reader(OpenArray array, DType dtype) {
  return std::make_shared<LibraryReader>(std::move(array), dtype);
}

}  // namespace varve::io::hdf5
