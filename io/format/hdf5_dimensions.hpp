#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/format/hdf5_handle.hpp"
#include "varve/core/dims.hpp"

namespace varve::io::hdf5 {

/// The mark of NetCDF-4 for a dimension without values, in the NAME of its scale; a length follows.
inline constexpr const char* kDimensionOnly = "This is a netCDF dimension but not a netCDF variable";

/// Tells whether a dataset stands only for a NetCDF dimension and holds no values.
[[nodiscard]] bool is_dimension_only(hid_t dataset);

/// Tells whether the file's root or the dataset bear marks that only NetCDF-4 leaves.
[[nodiscard]] bool has_netcdf_marks(hid_t file, hid_t dataset);

/// Says what the dimension scales of a dataset tell.
struct AttachedScales {
  std::vector<std::string> names;  ///< one per axis, "" for an axis without; empty if no axis has one
  bool is_netcdf = false;          ///< a scale bears marks that only NetCDF-4 leaves
};

[[nodiscard]] AttachedScales read_scales(hid_t dataset, std::int64_t ndim);

/// Returns the first scale of an axis, which for the first axis of a scale is the dataset itself.
[[nodiscard]] Handle scale_of(hid_t dataset, std::int64_t ndim, std::int64_t axis);

/// The beginning of the name that NetCDF-4 gives a dataset whose own name is taken by a dimension that it is
/// not the scale of.
inline constexpr std::string_view kNotCoordinate = "_nc4_non_coord_";

/// Names one axis of a dataset to be written.
struct AxisName {
  std::string name;  ///< may be empty: then the axis gets no scale
  std::int64_t extent = 0;
};

/// A dataset that was written, and what its axes are called.
struct NamedDataset {
  std::string path;  ///< "forecast/q"
  hid_t id = H5I_INVALID_HID;
  std::vector<AxisName> axes;
};

/// Attaches dimension scales as NetCDF-4 does. A one-dimensional dataset called as its own axis is the scale
/// of that name in its group and the groups below; other names get a scale without values in the root group.
/// A name that stands for several lengths is made distinct for all but the first. `netcdf`: number the
/// scales, and move a dataset that is in a dimension's way to NetCDF's name for that.
void write_dimension_scales(hid_t file, const std::vector<NamedDataset>& datasets, bool netcdf);

}  // namespace varve::io::hdf5
