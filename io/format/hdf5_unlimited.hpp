#pragma once

#include "io/format/hdf5_file.hpp"

namespace varve::io::hdf5 {

/// Returns the shape that NetCDF gives an array: an unlimited dimension is as long as the longest of the
/// arrays that have it, and the others go on with their fill value. Plain HDF5 keeps its own shape.
[[nodiscard]] Shape netcdf_shape(const OpenArray& array);

}  // namespace varve::io::hdf5
