#include "io/format/hdf5_raw_array.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// A system call costs about as much as copying this many bytes out of the page cache: gaps up to this are
// read over.
constexpr std::int64_t kCheapGapBytes = 8 << 10;

template <std::size_t bytes>
void copy_row(const std::byte* source, std::int64_t source_stride, std::byte* target,
              std::int64_t target_stride, std::int64_t count) noexcept {
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(target, source, bytes);
    source += source_stride;
    target += target_stride;
  }
}

void copy_row(std::int64_t element_bytes, const std::byte* source, std::int64_t source_stride,
              std::byte* target, std::int64_t target_stride, std::int64_t count) noexcept {
  if (source_stride == element_bytes && target_stride == element_bytes) {
    std::memcpy(target, source, static_cast<std::size_t>(count * element_bytes));
    return;
  }
  switch (element_bytes) {
    case 1:
      return copy_row<1>(source, source_stride, target, target_stride, count);
    case 2:
      return copy_row<2>(source, source_stride, target, target_stride, count);
    case 4:
      return copy_row<4>(source, source_stride, target, target_stride, count);
    case 8:
      return copy_row<8>(source, source_stride, target, target_stride, count);
    default:
      return copy_row<16>(source, source_stride, target, target_stride, count);
  }
}

/// Copies the axes from `axis` on.
void copy_axes(std::int64_t axis, const std::byte* source, const ByteStrides& source_strides,
               std::byte* target, const StridedView& view) noexcept {
  const std::int64_t element_bytes = size_bytes(view.dtype);
  if (axis == view.ndim()) return copy_row(element_bytes, source, 0, target, 0, 1);
  if (axis == view.ndim() - 1) {
    return copy_row(element_bytes, source, source_strides[axis], target, view.byte_strides[axis],
                    view.shape[axis]);
  }
  for (std::int64_t i = 0; i < view.shape[axis]; ++i) {
    copy_axes(axis + 1, source, source_strides, target, view);
    source += source_strides[axis];
    target += view.byte_strides[axis];
  }
}

/// Reads one box, splitting it along its axes until a piece is dense enough to be read at once.
class BoxReader {
 public:
  BoxReader(const RawArray& array, const Box& box, const StridedView& out, std::span<std::byte> workspace,
            const std::string& location)
      : array_(array),
        box_(box),
        out_(out),
        workspace_(workspace),
        location_(location),
        strides_(c_order_strides(array.shape, size_bytes(array.element.dtype))) {}

  std::int64_t run() {
    if (box_.empty()) return 0;
    std::int64_t first = array_.offset;
    for (std::int64_t axis = 0; axis < box_.ndim(); ++axis) first += box_.lo[axis] * strides_[axis];
    read_axes(0, first, out_.data);
    return bytes_read_;
  }

 private:
  /// Returns the bytes from the first to the last element of the box's axes from `axis` on.
  [[nodiscard]] std::int64_t span_bytes(std::int64_t axis) const {
    std::int64_t bytes = size_bytes(out_.dtype);
    for (std::int64_t a = axis; a < box_.ndim(); ++a) bytes += (box_.extent(a) - 1) * strides_[a];
    return bytes;
  }
  [[nodiscard]] std::int64_t useful_bytes(std::int64_t axis) const {
    std::int64_t bytes = size_bytes(out_.dtype);
    for (std::int64_t a = axis; a < box_.ndim(); ++a) bytes *= box_.extent(a);
    return bytes;
  }
  /// Tells whether `out` is dense C order in the axes from `axis` on.
  [[nodiscard]] bool out_is_dense(std::int64_t axis) const {
    std::int64_t step = size_bytes(out_.dtype);
    for (std::int64_t a = out_.ndim() - 1; a >= axis; --a) {
      if (out_.shape[a] != 1 && out_.byte_strides[a] != step) return false;
      step *= out_.shape[a];
    }
    return true;
  }

  void read_axes(std::int64_t axis, std::int64_t offset, std::byte* target) {
    // Always true behind the last axis: one element is dense.
    if (span_bytes(axis) == useful_bytes(axis) && out_is_dense(axis)) {
      return read_in_place(offset, {target, static_cast<std::size_t>(useful_bytes(axis))});
    }
    const std::int64_t rows = rows_at_once(axis);
    for (std::int64_t i = 0; i < box_.extent(axis); i += std::max<std::int64_t>(rows, 1)) {
      const std::int64_t from = offset + i * strides_[axis];
      std::byte* to = target + i * out_.byte_strides[axis];
      if (rows == 0) {
        read_axes(axis + 1, from, to);
      } else {
        read_rows(axis, from, to, std::min(rows, box_.extent(axis) - i));
      }
    }
  }

  /// Returns how many indices along `axis` are best read with one call; 0 if the gaps between them cost too
  /// much.
  [[nodiscard]] std::int64_t rows_at_once(std::int64_t axis) const {
    const std::int64_t gap = strides_[axis] - span_bytes(axis + 1);
    const std::int64_t room = static_cast<std::int64_t>(workspace_.size()) - span_bytes(axis + 1);
    if (room < 0 || gap > std::max(kCheapGapBytes, useful_bytes(axis + 1))) return 0;
    return room / strides_[axis] + 1;
  }

  void read_in_place(std::int64_t offset, std::span<std::byte> target) {
    read_bytes(array_.descriptor, offset, target, location_);
    normalize_elements(array_.element, target);
    bytes_read_ += static_cast<std::int64_t>(target.size());
  }

  /// Reads `rows` indices along `axis`, whole in the axes behind it, through the workspace.
  void read_rows(std::int64_t axis, std::int64_t offset, std::byte* target, std::int64_t rows) {
    StridedView view = out_;
    view.shape[axis] = rows;
    const std::int64_t bytes = (rows - 1) * strides_[axis] + span_bytes(axis + 1);
    read_in_place(offset, workspace_.first(static_cast<std::size_t>(bytes)));
    copy_axes(axis, workspace_.data(), strides_, target, view);
  }

  const RawArray& array_;
  const Box& box_;
  const StridedView& out_;
  std::span<std::byte> workspace_;
  const std::string& location_;
  ByteStrides strides_;
  std::int64_t bytes_read_ = 0;
};

}  // namespace

void read_bytes(int descriptor, std::int64_t offset, std::span<std::byte> out, const std::string& location) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto position = static_cast<off_t>(offset + static_cast<std::int64_t>(done));
    const ssize_t count = ::pread(descriptor, out.data() + done, out.size() - done, position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw StorageError(location + ": cannot read " + std::to_string(out.size()) + " bytes at " +
                         std::to_string(offset) + ": " + std::strerror(errno));
    }
    if (count == 0) {
      throw FormatError(location + ": the file ends inside the " + std::to_string(out.size()) + " bytes at " +
                        std::to_string(offset) + "; it is truncated");
    }
    done += static_cast<std::size_t>(count);
  }
}

std::int64_t read_box(const RawArray& array, const Box& box, const StridedView& out,
                      std::span<std::byte> workspace, const std::string& location) {
  return BoxReader(array, box, out, workspace, location).run();
}

void copy_elements(const std::byte* source, const ByteStrides& source_strides,
                   const StridedView& target) noexcept {
  copy_axes(0, source, source_strides, target.data, target);
}

void fill_elements(std::span<const std::byte> element, const StridedView& target) noexcept {
  copy_elements(element.data(), ByteStrides(target.ndim(), 0), target);
}

}  // namespace varve::io::hdf5
