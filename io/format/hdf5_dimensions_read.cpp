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

/// Returns the name of the first scale of an axis. The references come from the file and may lead anywhere.
std::string name_of_scale(hid_t dataset, const hvl_t& references) {
  if (references.len == 0 || references.p == nullptr) return "";
  const Handle scale(H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, references.p));
  if (!scale || H5Iget_type(scale.get()) != H5I_DATASET) return "";
  return link_name(scale.get());
}

/// Tells whether DIMENSION_LIST has the form it must have, one list of object references per axis: reading it
/// blindly would write past its buffer.
bool is_dimension_list(hid_t type, hid_t space, std::int64_t ndim) {
  if (H5Tget_class(type) != H5T_VLEN || H5Sget_simple_extent_npoints(space) != ndim) return false;
  const Handle super(H5Tget_super(type));
  return super && H5Tequal(super.get(), H5T_STD_REF_OBJ) > 0;
}

std::vector<std::string> names_of_scales(hid_t dataset, std::int64_t ndim) {
  std::vector<std::string> names(static_cast<std::size_t>(ndim));
  if (H5Aexists(dataset, "DIMENSION_LIST") <= 0) return names;
  const Handle attribute(H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT));
  const Handle type(H5Aget_type(attribute.get()));
  const Handle space(H5Aget_space(attribute.get()));
  if (!attribute || !type || !space || !is_dimension_list(type.get(), space.get(), ndim)) return names;
  std::vector<hvl_t> references(names.size(), hvl_t{0, nullptr});
  if (H5Aread(attribute.get(), type.get(), references.data()) < 0) return names;
  for (std::size_t axis = 0; axis < names.size(); ++axis)
    names[axis] = name_of_scale(dataset, references[axis]);
  H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, references.data());
  return names;
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

std::vector<std::string> read_dimension_names(hid_t dataset, std::int64_t ndim) {
  const LibraryLock lock;
  if (ndim == 0) return {};
  std::vector<std::string> names = names_of_scales(dataset, ndim);
  // A scale is its own dimension; a scale with several axes is one only for the first of them.
  if (is_scale(dataset) && names.front().empty()) names.front() = link_name(dataset);
  H5Eclear2(H5E_DEFAULT);
  const bool any =
      std::any_of(names.begin(), names.end(), [](const std::string& name) { return !name.empty(); });
  return any ? names : std::vector<std::string>{};
}

}  // namespace varve::io::hdf5
