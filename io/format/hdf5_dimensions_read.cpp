#include <algorithm>
#include <vector>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"

namespace varve::io::hdf5 {
namespace {

bool is_scale(hid_t dataset) { return read_text_attribute(dataset, "CLASS") == "DIMENSION_SCALE"; }

/// Returns the last part of an object's path in its file.
std::string link_name(hid_t object) {
  const ssize_t length = H5Iget_name(object, nullptr, 0);
  if (length <= 0) return "";
  std::string path(static_cast<std::size_t>(length), '\0');
  H5Iget_name(object, path.data(), path.size() + 1);
  return path.substr(path.rfind('/') + 1);
}

/// Notes the first scale of an axis. The references come from the file and may lead anywhere.
void read_scale(hid_t dataset, const hvl_t& references, std::size_t axis, AttachedScales& scales) {
  if (references.len == 0 || references.p == nullptr) return;
  const Handle scale(H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, references.p));
  if (!scale || H5Iget_type(scale.get()) != H5I_DATASET) return;
  scales.names[axis] = link_name(scale.get());
  scales.is_netcdf |= is_dimension_only(scale.get()) || has_attribute(scale.get(), "_Netcdf4Dimid");
}

/// Tells whether DIMENSION_LIST has the form it must have, one list of object references per axis: reading it
/// blindly would write past its buffer.
bool is_dimension_list(hid_t type, hid_t space, std::int64_t ndim) {
  if (H5Tget_class(type) != H5T_VLEN || H5Sget_simple_extent_npoints(space) != ndim) return false;
  const Handle super(H5Tget_super(type));
  return super && H5Tequal(super.get(), H5T_STD_REF_OBJ) > 0;
}

void read_list(hid_t dataset, AttachedScales& scales) {
  if (H5Aexists(dataset, "DIMENSION_LIST") <= 0) return;
  const Handle attribute(H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT));
  const Handle type(H5Aget_type(attribute.get()));
  const Handle space(H5Aget_space(attribute.get()));
  const std::size_t ndim = scales.names.size();
  if (!attribute || !type || !space) return;
  if (!is_dimension_list(type.get(), space.get(), static_cast<std::int64_t>(ndim))) return;
  std::vector<hvl_t> references(ndim, hvl_t{0, nullptr});
  if (H5Aread(attribute.get(), type.get(), references.data()) < 0) return;
  for (std::size_t axis = 0; axis < ndim; ++axis) read_scale(dataset, references[axis], axis, scales);
  H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, references.data());
}

}  // namespace

bool is_dimension_only(hid_t dataset) {
  const LibraryLock lock;
  return is_scale(dataset) && read_text_attribute(dataset, "NAME").starts_with(kDimensionOnly);
}

bool has_netcdf_marks(hid_t file, hid_t dataset) {
  const LibraryLock lock;
  const auto has = [](hid_t object, const char* name) { return object >= 0 && has_attribute(object, name); };
  if (has(file, "_NCProperties") || has(file, "_nc3_strict")) return true;
  return has(dataset, "_Netcdf4Dimid") || has(dataset, "_Netcdf4Coordinates");
}

AttachedScales read_scales(hid_t dataset, std::int64_t ndim) {
  const LibraryLock lock;
  AttachedScales scales;
  if (ndim == 0) return scales;
  scales.names.resize(static_cast<std::size_t>(ndim));
  read_list(dataset, scales);
  // A scale is its own dimension; one with several axes is so only for the first of them.
  if (is_scale(dataset) && scales.names.front().empty()) scales.names.front() = link_name(dataset);
  H5Eclear2(H5E_DEFAULT);
  const auto has_name = [](const std::string& name) { return !name.empty(); };
  if (std::none_of(scales.names.begin(), scales.names.end(), has_name)) scales.names.clear();
  return scales;
}

}  // namespace varve::io::hdf5
