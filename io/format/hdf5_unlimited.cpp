#include "io/format/hdf5_unlimited.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"

namespace varve::io::hdf5 {
namespace {

constexpr hssize_t kMaxReferences = 1'000'000;  // of a hostile file

using Extents = std::array<hsize_t, H5S_MAX_RANK>;

/// Returns the extent of an axis of a dataset; 0 if there is no such axis, or it is beyond 63 bits.
std::int64_t extent_of(hid_t dataset, std::int64_t axis) {
  const Handle space(H5Dget_space(dataset));
  Extents extents = {};
  const int ndim = space ? H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr) : 0;
  if (axis < 0 || axis >= ndim) return 0;
  return std::max<std::int64_t>(static_cast<std::int64_t>(extents[static_cast<std::size_t>(axis)]), 0);
}

/// An entry of REFERENCE_LIST: a dataset and the axis of it that a scale is attached to.
struct Use {
  hobj_ref_t dataset = 0;
  std::int32_t axis = 0;
};

std::vector<Use> uses_of(hid_t scale) {
  if (H5Aexists(scale, "REFERENCE_LIST") <= 0) return {};
  const Handle attribute(H5Aopen(scale, "REFERENCE_LIST", H5P_DEFAULT));
  const Handle stored(H5Aget_type(attribute.get()));
  const Handle space(H5Aget_space(attribute.get()));
  if (!attribute || !stored || !space || H5Tget_class(stored.get()) != H5T_COMPOUND) return {};
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  const int reference = H5Tget_member_index(stored.get(), "dataset");
  if (count <= 0 || count > kMaxReferences || reference < 0) return {};
  const Handle kind(H5Tget_member_type(stored.get(), static_cast<unsigned>(reference)));
  if (!kind || H5Tequal(kind.get(), H5T_STD_REF_OBJ) <= 0) return {};
  const Handle type(H5Tcreate(H5T_COMPOUND, sizeof(Use)));
  H5Tinsert(type.get(), "dataset", HOFFSET(Use, dataset), H5T_STD_REF_OBJ);
  H5Tinsert(type.get(), "dimension", HOFFSET(Use, axis), H5T_NATIVE_INT32);
  std::vector<Use> uses(static_cast<std::size_t>(count));
  if (H5Aread(attribute.get(), type.get(), uses.data()) < 0) return {};
  return uses;
}

/// Returns the extent of the longest array along a dimension, given by its scale.
std::int64_t longest(hid_t scale) {
  std::int64_t extent = is_dimension_only(scale) ? 0 : extent_of(scale, 0);
  for (const Use& use : uses_of(scale)) {
    const Handle user(H5Rdereference2(scale, dataset_access(), H5R_OBJECT, &use.dataset));
    if (user && H5Iget_type(user.get()) == H5I_DATASET)
      extent = std::max(extent, extent_of(user.get(), use.axis));
  }
  return extent;
}

/// Remembers the dimensions of the file that was asked about last, so that its arrays are described in linear
/// time. Used under the library lock.
class UnlimitedDimensions {
 public:
  /// `file`: another text for another file, or version of it.
  std::int64_t extent(hid_t scale, const std::string& file) {
    H5O_info_t info = {};
    if (H5Oget_info2(scale, &info, H5O_INFO_BASIC) < 0) return longest(scale);
    if (file != file_ || extents_.size() > kMaxRemembered) extents_.clear();
    file_ = file;
    const auto [place, is_new] = extents_.try_emplace(info.addr, 0);
    if (is_new) place->second = longest(scale);
    return place->second;
  }

 private:
  static constexpr std::size_t kMaxRemembered = 100'000;
  std::string file_;
  std::map<haddr_t, std::int64_t> extents_;
};

}  // namespace

Shape netcdf_shape(const OpenArray& array) {
  static UnlimitedDimensions dimensions;
  const LibraryLock lock;
  Shape shape = array.info.shape;
  if (array.info.format != "netcdf4" || array.layout != Layout::chunked) return shape;
  const auto handles = array.handles->lease();
  const hid_t dataset = handles->dataset.get();
  const Handle space(H5Dget_space(dataset));
  Extents extents = {};
  Extents most = {};
  if (!space || H5Sget_simple_extent_dims(space.get(), extents.data(), most.data()) < 0) return shape;
  const std::string& location = array.info.location;
  const std::string file = location.substr(0, location.rfind(':')) + " " + array.raw->version();
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (most[static_cast<std::size_t>(axis)] != H5S_UNLIMITED) continue;
    const Handle scale = scale_of(dataset, shape.size(), axis);
    if (scale) shape[axis] = std::max(shape[axis], dimensions.extent(scale.get(), file));
  }
  H5Eclear2(H5E_DEFAULT);
  return shape;
}

}  // namespace varve::io::hdf5
