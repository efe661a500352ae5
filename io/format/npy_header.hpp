#pragma once

#include <string>

#include "io/store/file.hpp"
#include "varve/core/dims.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io {

/// What the header of an npy file says, checked against the length of the file.
struct NpyHeader {
  DType dtype = DType::float64;
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
  std::int64_t data_offset = 0;
};

/// Reads the header. Errors: FormatError, naming `path`, if it is damaged, if the dtype is none of ours, or
/// if the file is shorter than its data.
[[nodiscard]] NpyHeader read_npy_header(const File& file, const std::string& path);

/// Formats the header (version 1, C order, little-endian), padded so that the data starts at a multiple of 64
/// bytes.
[[nodiscard]] std::string format_npy_header(DType dtype, const Shape& shape);

}  // namespace varve::io
