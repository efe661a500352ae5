// Not a self-contained header: it stands after hdf5.h.
#include <hdf5.h>
// clang-format off
#include <H5DSpublic.h>
// clang-format on

#include <algorithm>
#include <cstdio>
#include <deque>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"

namespace varve::io::hdf5 {
namespace {

std::string group_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}
std::string base_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Tells whether things of `group` are seen from `inner`, the same group or one below it.
bool is_visible(const std::string& group, const std::string& inner) {
  return group.empty() || inner == group || inner.starts_with(group + "/");
}

struct Scale {
  std::string group;
  AxisName axis;
  hid_t id = H5I_INVALID_HID;
};

class ScaleWriter {
 public:
  ScaleWriter(hid_t file, bool netcdf) : file_(file), netcdf_(netcdf) {}

  /// Makes the dataset the scale of its only axis, if it is called like it.
  void try_as_scale(const NamedDataset& dataset) {
    if (dataset.axes.size() != 1 || dataset.axes.front().name != base_of(dataset.path)) return;
    check_status(H5DSset_scale(dataset.id, dataset.axes.front().name.c_str()), dataset.path,
                 "cannot make it a scale");
    add({group_of(dataset.path), dataset.axes.front(), dataset.id});
  }

  void attach(const NamedDataset& dataset) {
    if (H5DSis_scale(dataset.id) > 0) return;
    for (std::size_t axis = 0; axis < dataset.axes.size(); ++axis) {
      if (dataset.axes[axis].name.empty()) continue;
      const hid_t scale = scale_for(group_of(dataset.path), dataset.axes[axis]);
      check_status(H5DSattach_scale(dataset.id, scale, static_cast<unsigned>(axis)), dataset.path,
                   "cannot attach dimension \"" + dataset.axes[axis].name + "\"");
    }
  }

 private:
  void add(const Scale& scale) {
    if (netcdf_) {
      const auto number = static_cast<std::int32_t>(scales_.size());
      write_element_attribute(scale.id, "_Netcdf4Dimid", DType::int32, std::as_bytes(std::span(&number, 1)),
                              AttributeStyle::netcdf);
    }
    scales_.push_back(scale);
  }

  /// Returns the scale of the innermost group that is seen from `group`; makes one in the root if there is
  /// none.
  hid_t scale_for(const std::string& group, const AxisName& axis) {
    const Scale* best = nullptr;
    for (const Scale& scale : scales_) {
      const bool fits = scale.axis.name == axis.name && scale.axis.extent == axis.extent;
      if (!fits || !is_visible(scale.group, group)) continue;
      if (best == nullptr || scale.group.size() > best->group.size()) best = &scale;
    }
    return best != nullptr ? best->id : make_scale(axis);
  }

  /// Returns a free name in the root group, close to the wanted one.
  std::string free_name(const AxisName& axis) {
    const auto is_free = [&](const std::string& name) {
      return H5Lexists(file_, name.c_str(), H5P_DEFAULT) <= 0;
    };
    if (is_free(axis.name)) return axis.name;
    const auto is_scale = [&](const Scale& scale) {
      return scale.group.empty() && scale.axis.name == axis.name;
    };
    const std::string moved = std::string(kNotCoordinate) + axis.name;
    if (netcdf_ && std::none_of(scales_.begin(), scales_.end(), is_scale) && is_free(moved)) {
      check_status(H5Lmove(file_, axis.name.c_str(), file_, moved.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                   axis.name, "cannot make way for the dimension of that name");
      return axis.name;
    }
    const std::string longer = axis.name + "_" + std::to_string(axis.extent);
    std::string name = longer;
    for (int attempt = 2; !is_free(name); ++attempt) name = longer + "_" + std::to_string(attempt);
    return name;
  }

  hid_t make_scale(const AxisName& axis) {
    const std::string name = free_name(axis);
    const auto extent = static_cast<hsize_t>(axis.extent);
    const Handle space = checked(H5Screate_simple(1, &extent, nullptr), name, "cannot make a dimension");
    const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), name, "cannot make a dimension");
    if (netcdf_) H5Pset_attr_creation_order(properties.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    owned_.push_back(checked(H5Dcreate2(file_, name.c_str(), H5T_IEEE_F32BE, space.get(), H5P_DEFAULT,
                                        properties.get(), H5P_DEFAULT),
                             name, "cannot make a dimension"));
    char label[96];
    std::snprintf(label, sizeof(label), "%s.%10lld", kDimensionOnly, static_cast<long long>(axis.extent));
    check_status(H5DSset_scale(owned_.back().get(), label), name, "cannot make a dimension");
    add({"", axis, owned_.back().get()});
    return owned_.back().get();
  }

  hid_t file_;
  bool netcdf_;
  std::vector<Scale> scales_;
  std::deque<Handle> owned_;
};

}  // namespace

void write_dimension_scales(hid_t file, const std::vector<NamedDataset>& datasets, bool netcdf) {
  const LibraryLock lock;
  ScaleWriter writer(file, netcdf);
  for (const NamedDataset& dataset : datasets) writer.try_as_scale(dataset);
  for (const NamedDataset& dataset : datasets) writer.attach(dataset);
}

}  // namespace varve::io::hdf5
