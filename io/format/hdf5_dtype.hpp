#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "io/format/hdf5_handle.hpp"
#include "varve/core/dtype.hpp"
#include "varve/core/scalar.hpp"

namespace varve::io::hdf5 {

/// Says how the elements of a file's type become ours.
struct ElementType {
  DType dtype = DType::float64;
  std::int64_t swap_bytes = 0;  ///< reverse every group of so many bytes after reading; 0: native already
};

/// Returns what a type of a file is for us; nothing if we have no such dtype.
[[nodiscard]] std::optional<ElementType> classify_type(hid_t type);

/// Describes a type for messages: "variable-length string", "compound type", "128-bit float".
[[nodiscard]] std::string describe_type(hid_t type);

/// Says how bool is stored, which HDF5 lacks: the enumeration of h5py, or NetCDF's byte.
enum class BoolForm { enumeration, int8 };

/// Returns the little-endian file type of a dtype: complex as h5py's compound {r, i}, float16 as IEEE
/// binary16.
[[nodiscard]] Handle make_file_type(DType dtype, BoolForm form);

/// Makes decoded elements native: swaps bytes where the type says so, and turns any non-zero bool into 1.
void normalize_elements(const ElementType& type, std::span<std::byte> elements) noexcept;

/// Returns one native element as a scalar.
[[nodiscard]] Scalar load_scalar(DType dtype, const std::byte* element);

}  // namespace varve::io::hdf5
