#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"
#include "io/format/hdf5_driver.hpp"

namespace varve::io::hdf5 {
namespace {

bool is_scale(hid_t dataset) { return read_text_attribute(dataset, "CLASS") == "DIMENSION_SCALE"; }

std::string path_of(hid_t object) {
  const ssize_t length = H5Iget_name(object, nullptr, 0);
  if (length <= 0) return "";
  std::string path(static_cast<std::size_t>(length), '\0');
  H5Iget_name(object, path.data(), path.size() + 1);
  return path;
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Names the objects of a file by their addresses. libhdf5 would open all objects of the file to find the
/// name of one that it met by reference; listing the links of a group opens none. Remembers the groups of the
/// file that was asked about last, which lets many arrays of one file be described in linear time. Used under
/// the library lock.
class LinkNames {
 public:
  /// Returns the name of a scale in the group of the dataset or one above it, where NetCDF has them.
  std::optional<std::string> find(hid_t dataset, hid_t scale) {
    H5O_info_t info = {};
    if (H5Oget_info2(scale, &info, H5O_INFO_BASIC) < 0) return std::nullopt;
    if (info.fileno != file_) clear();
    file_ = info.fileno;
    for (std::string path = path_of(dataset); !path.empty();) {
      path.erase(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
      const Names& names = names_in(dataset, path.empty() ? "/" : path);
      if (const auto found = names.find(info.addr); found != names.end()) return found->second;
    }
    return std::nullopt;
  }

 private:
  using Names = std::unordered_map<haddr_t, std::string>;
  static constexpr std::size_t kMaxLinks = 100'000;  // remembered: some 10 MiB

  static herr_t collect(hid_t, const char* name, const H5L_info_t* link, void* names) {
    try {
      auto& known = *static_cast<Names*>(names);
      if (link->type == H5L_TYPE_HARD) known.emplace(link->u.address, name);
      return known.size() < kMaxLinks ? 0 : 1;
    } catch (...) {
      return -1;
    }
  }

  const Names& names_in(hid_t dataset, const std::string& path) {
    if (const auto known = groups_.find(path); known != groups_.end()) return known->second;
    if (links_ >= kMaxLinks || groups_.size() >= kMaxLinks) clear();
    Names& names = groups_[path];
    const Handle group(H5Gopen2(dataset, path.c_str(), H5P_DEFAULT));
    if (group) H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, &collect, &names);
    links_ += names.size();
    return names;
  }

  void clear() {
    groups_.clear();
    links_ = 0;
  }

  unsigned long file_ = 0;  // libhdf5's number of an open file, never given twice
  std::map<std::string, Names> groups_;
  std::size_t links_ = 0;
};

std::string name_of_scale(hid_t dataset, hid_t scale) {
  static LinkNames names;
  if (const auto name = names.find(dataset, scale)) return *name;
  return last_part(path_of(scale));
}

/// Returns the first scale of an axis, if there is one. The references come from the file and may lead
/// anywhere.
Handle first_scale(hid_t dataset, const hvl_t& references) {
  if (references.len == 0 || references.p == nullptr) return {};
  Handle scale(H5Rdereference2(dataset, dataset_access(), H5R_OBJECT, references.p));
  return scale && H5Iget_type(scale.get()) == H5I_DATASET ? std::move(scale) : Handle();
}

void note_scale(hid_t dataset, const Handle& scale, std::size_t axis, AttachedScales& scales) {
  if (!scale) return;
  scales.names[axis] = name_of_scale(dataset, scale.get());
  scales.is_netcdf |= is_dimension_only(scale.get()) || has_attribute(scale.get(), "_Netcdf4Dimid");
}

/// Tells whether DIMENSION_LIST has the form it must have, one list of object references per axis: reading it
/// blindly would write past its buffer.
bool is_dimension_list(hid_t type, hid_t space, std::int64_t ndim) {
  if (H5Tget_class(type) != H5T_VLEN || H5Sget_simple_extent_npoints(space) != ndim) return false;
  const Handle super(H5Tget_super(type));
  return super && H5Tequal(super.get(), H5T_STD_REF_OBJ) > 0;
}

/// Calls visit(axis, first scale) for the axes of a dataset.
template <class Visit>
void for_each_scale(hid_t dataset, std::size_t ndim, const Visit& visit) {
  if (H5Aexists(dataset, "DIMENSION_LIST") <= 0) return;
  const Handle attribute(H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT));
  const Handle type(H5Aget_type(attribute.get()));
  const Handle space(H5Aget_space(attribute.get()));
  if (!attribute || !type || !space) return;
  if (!is_dimension_list(type.get(), space.get(), static_cast<std::int64_t>(ndim))) return;
  std::vector<hvl_t> references(ndim, hvl_t{0, nullptr});
  if (H5Aread(attribute.get(), type.get(), references.data()) < 0) return;
  for (std::size_t axis = 0; axis < ndim; ++axis) visit(axis, first_scale(dataset, references[axis]));
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

Handle scale_of(hid_t dataset, std::int64_t ndim, std::int64_t axis) {
  const LibraryLock lock;
  Handle found;
  for_each_scale(dataset, static_cast<std::size_t>(ndim), [&](std::size_t number, Handle scale) {
    if (static_cast<std::int64_t>(number) == axis) found = std::move(scale);
  });
  if (!found && axis == 0 && is_scale(dataset) && H5Iinc_ref(dataset) > 0) found = Handle(dataset);
  return found;
}

AttachedScales read_scales(hid_t dataset, std::int64_t ndim) {
  const LibraryLock lock;
  AttachedScales scales;
  if (ndim == 0) return scales;
  scales.names.resize(static_cast<std::size_t>(ndim));
  for_each_scale(dataset, scales.names.size(),
                 [&](std::size_t axis, const Handle& scale) { note_scale(dataset, scale, axis, scales); });
  // A scale is its own dimension; one with several axes is so only for the first of them.
  if (is_scale(dataset) && scales.names.front().empty()) scales.names.front() = last_part(path_of(dataset));
  H5Eclear2(H5E_DEFAULT);
  const auto has_name = [](const std::string& name) { return !name.empty(); };
  if (std::none_of(scales.names.begin(), scales.names.end(), has_name)) scales.names.clear();
  return scales;
}

}  // namespace varve::io::hdf5
