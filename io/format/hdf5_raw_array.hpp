#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/format/hdf5_dtype.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::io::hdf5 {

/// Is workspace enough for `read_box`: large reads amortise the system call, small ones stay in the cache.
inline constexpr std::int64_t kRawWorkspaceBytes = std::int64_t{256} << 10U;

/// Is an uncompressed array that lies densely, in C order, in a file.
struct RawArray {
  int descriptor = -1;
  std::int64_t offset = 0;  ///< of the first element, in bytes
  Shape shape;
  ElementType element;
};

/// Reads `size` bytes at `offset`. Errors: StorageError if the system refuses, FormatError if the file ends
/// before.
void read_bytes(int descriptor, std::int64_t offset, std::span<std::byte> out, const std::string& location);

/// Reads the elements of `box` into `out` (same shape, any strides), made native. Rows that lie close
/// together are read at once through `workspace` (`kRawWorkspaceBytes`); what is dense on both sides is read
/// in place. Returns the bytes read.
std::int64_t read_box(const RawArray& array, const Box& box, const StridedView& out,
                      std::span<std::byte> workspace, const std::string& location);

/// Copies elements of `target.shape` from strided memory; a zero stride repeats.
void copy_elements(const std::byte* source, const ByteStrides& source_strides,
                   const StridedView& target) noexcept;

/// Writes one element, given by its bytes, to all of `target`.
void fill_elements(std::span<const std::byte> element, const StridedView& target) noexcept;

}  // namespace varve::io::hdf5
