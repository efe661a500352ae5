#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "varve/core/strided_view.hpp"

namespace varve::io {

/// Reads exactly `out.size()` bytes at a byte offset, or throws.
using ReadRange = std::function<void(std::int64_t offset, std::span<std::byte> out)>;

/// Describes a dense array stored uncompressed: where its element at coordinate zero lies and how it is laid
/// out.
struct StoredLayout {
  std::int64_t offset_bytes = 0;
  ByteStrides byte_strides;  ///< positive; of a dense array in any axis order
  std::int64_t swap_bytes =
      0;  ///< size of the words whose bytes are reversed (half of a complex element); 0 for none
};

/// The workspace that `read_box` needs.
inline constexpr std::int64_t kBoxWorkspaceBytes = 256 << 10;

/// Reads the elements of `box` (coordinates of the stored array) into `out`, a view of the box's shape with
/// any strides. Reads runs that touch at once, and straight into `out` where that is laid out alike; reads
/// over gaps of up to a page, where a read of its own costs more. Bools come out as 0 or 1. Returns the bytes
/// read.
std::int64_t read_box(const ReadRange& read, const StoredLayout& stored, const Box& box,
                      const StridedView& out, std::span<std::byte> workspace);

/// Replaces every byte but 0 by 1, so that bools from a file are bools of C++.
void normalize_booleans(const StridedView& view);

/// Writes one element, given as bytes in native order, to every place of the view.
void fill_view(const StridedView& out, const std::byte* element);

}  // namespace varve::io
