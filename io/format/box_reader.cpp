#include "io/format/box_reader.hpp"

#include <algorithm>
#include <cstring>

#include "io/codec/byte_order.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

// The kernel reads whole pages: skipping less than one saves nothing.
constexpr std::int64_t kMaxGapBytes = 4096;

struct Axis {
  std::int64_t extent;
  std::int64_t from_stride;
  std::int64_t to_stride;
};

template <std::size_t size>
void copy_row(const std::byte* from, std::byte* to, const Axis& axis) {
  for (std::int64_t i = 0; i < axis.extent; ++i)
    std::memcpy(to + i * axis.to_stride, from + i * axis.from_stride, size);
}

// Copies one row of elements.
void copy_row(const std::byte* from, std::byte* to, const Axis& axis, std::int64_t size) {
  if (axis.from_stride == size && axis.to_stride == size) {
    std::memcpy(to, from, static_cast<std::size_t>(axis.extent * size));
    return;
  }
  switch (size) {
    case 1:
      return copy_row<1>(from, to, axis);
    case 2:
      return copy_row<2>(from, to, axis);
    case 4:
      return copy_row<4>(from, to, axis);
    case 8:
      return copy_row<8>(from, to, axis);
    default:
      return copy_row<16>(from, to, axis);
  }
}

void copy_axes(const std::byte* from, std::byte* to, std::span<const Axis> axes, std::int64_t size) {
  if (axes.empty()) return copy_row(from, to, {1, size, size}, size);
  if (axes.size() == 1) return copy_row(from, to, axes[0], size);
  for (std::int64_t i = 0; i < axes[0].extent; ++i) {
    copy_axes(from + i * axes[0].from_stride, to + i * axes[0].to_stride, axes.subspan(1), size);
  }
}

class BoxReader {
 public:
  BoxReader(const ReadRange& read, const StoredLayout& stored, const Box& box, const StridedView& out,
            std::span<std::byte> workspace)
      : read_(read), swap_bytes_(stored.swap_bytes), size_(size_bytes(out.dtype)), workspace_(workspace) {
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      if (box.extent(axis) == 1) continue;
      axes_[static_cast<std::size_t>(count_++)] = {box.extent(axis), stored.byte_strides[axis],
                                                   out.byte_strides[axis]};
    }
    std::stable_sort(axes_, axes_ + count_, [](const Axis& left, const Axis& right) {
      return left.from_stride > right.from_stride;
    });
    measure();
  }

  // Reads the sub-box of the axes from `level` on.
  void read_level(std::int64_t level, std::int64_t offset, std::byte* to) {
    if (span_[level] == dense_[level] && same_layout_[level]) return read_direct(offset, to, span_[level]);
    const bool inner_fits =
        level < count_ && span_[level + 1] <= static_cast<std::int64_t>(workspace_.size());
    if (level == count_ || (gap_[level] <= kMaxGapBytes && inner_fits))
      return read_grouped(level, offset, to);
    const Axis& axis = axes_[level];
    for (std::int64_t i = 0; i < axis.extent; ++i) {
      read_level(level + 1, offset + i * axis.from_stride, to + i * axis.to_stride);
    }
  }

  [[nodiscard]] std::int64_t bytes_read() const noexcept { return bytes_read_; }

 private:
  // Finds, for the axes from each level on: the bytes from first to last, the bytes of elements, the largest
  // gap between neighbours, and whether the output has the same strides.
  void measure() {
    span_[count_] = dense_[count_] = size_;
    gap_[count_] = 0;
    same_layout_[count_] = true;
    for (std::int64_t level = count_ - 1; level >= 0; --level) {
      const Axis& axis = axes_[level];
      span_[level] = (axis.extent - 1) * axis.from_stride + span_[level + 1];
      dense_[level] = axis.extent * dense_[level + 1];
      gap_[level] = std::max(gap_[level + 1], axis.from_stride - span_[level + 1]);
      same_layout_[level] = same_layout_[level + 1] && axis.from_stride == axis.to_stride;
    }
  }

  void fetch(std::int64_t offset, std::span<std::byte> to) {
    read_(offset, to);
    bytes_read_ += static_cast<std::int64_t>(to.size());
    if (swap_bytes_ > 1) reverse_words(to, to, swap_bytes_);
  }

  void read_direct(std::int64_t offset, std::byte* to, std::int64_t bytes) {
    fetch(offset, {to, static_cast<std::size_t>(bytes)});
  }

  // Reads as many steps of one axis at a time as the workspace holds, gaps included, and copies the elements
  // out.
  void read_grouped(std::int64_t level, std::int64_t offset, std::byte* to) {
    const auto capacity = static_cast<std::int64_t>(workspace_.size());
    Axis rest[kMaxNdim];
    std::copy(axes_ + level, axes_ + count_, rest);
    const std::int64_t extent = level < count_ ? axes_[level].extent : 1;
    const std::int64_t inner = level < count_ ? span_[level + 1] : size_;
    const std::int64_t group =
        level < count_
            ? std::clamp<std::int64_t>((capacity - inner) / axes_[level].from_stride + 1, 1, extent)
            : 1;
    for (std::int64_t first = 0; first < extent; first += group) {
      const std::int64_t steps = std::min(group, extent - first);
      const std::int64_t jump = level < count_ ? axes_[level].from_stride : 0;
      const std::int64_t bytes = (steps - 1) * jump + inner;
      fetch(offset + first * jump, workspace_.first(static_cast<std::size_t>(bytes)));
      if (level < count_) rest[0].extent = steps;
      copy_axes(workspace_.data(), to + (level < count_ ? first * axes_[level].to_stride : 0),
                {rest, static_cast<std::size_t>(count_ - level)}, size_);
    }
  }

  const ReadRange& read_;
  std::int64_t swap_bytes_;
  std::int64_t size_;
  std::span<std::byte> workspace_;
  std::int64_t count_ = 0;  // axes of more than one element, by falling stride in the file
  Axis axes_[kMaxNdim];
  std::int64_t span_[kMaxNdim + 1];
  std::int64_t dense_[kMaxNdim + 1];
  std::int64_t gap_[kMaxNdim + 1];
  bool same_layout_[kMaxNdim + 1];
  std::int64_t bytes_read_ = 0;
};

}  // namespace

std::int64_t read_box(const ReadRange& read, const StoredLayout& stored, const Box& box,
                      const StridedView& out, std::span<std::byte> workspace) {
  if (box.empty()) return 0;
  if (static_cast<std::int64_t>(workspace.size()) < kBoxWorkspaceBytes) {
    throw Error("read_box: the workspace is too small");
  }
  std::int64_t offset = stored.offset_bytes;
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) offset += box.lo[axis] * stored.byte_strides[axis];
  BoxReader reader(read, stored, box, out, workspace.first(kBoxWorkspaceBytes));
  reader.read_level(0, offset, out.data);
  if (out.dtype == DType::boolean) normalize_booleans(out);
  return reader.bytes_read();
}

void normalize_booleans(const StridedView& view) {
  const std::int64_t last = view.ndim() - 1;
  if (last < 0) *view.data = static_cast<std::byte>(*view.data != std::byte{0});
  if (last < 0 || element_count(view.shape) == 0) return;
  Shape rows = view.shape;
  rows[last] = 1;
  Index row(view.ndim(), 0);
  do {
    std::byte* at = view.data;
    for (std::int64_t axis = 0; axis < last; ++axis) at += row[axis] * view.byte_strides[axis];
    const std::int64_t stride = view.byte_strides[last];
    for (std::int64_t i = 0; i < view.shape[last]; ++i) {
      at[i * stride] = static_cast<std::byte>(at[i * stride] != std::byte{0});
    }
  } while (next_index(row, rows));
}

void fill_view(const StridedView& out, const std::byte* element) {
  if (element_count(out.shape) == 0) return;
  const std::int64_t size = size_bytes(out.dtype);
  Axis axes[kMaxNdim];
  for (std::int64_t axis = 0; axis < out.ndim(); ++axis)
    axes[axis] = {out.shape[axis], 0, out.byte_strides[axis]};
  copy_axes(element, out.data, {axes, static_cast<std::size_t>(out.ndim())}, size);
}

}  // namespace varve::io
