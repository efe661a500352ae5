#include "io/format/hdf5_virtual_mappings.hpp"

#include <array>
#include <limits>
#include <map>

#include "io/format/hdf5_handle.hpp"

namespace varve::io::hdf5 {
namespace {

using Extents = std::array<hsize_t, H5S_MAX_RANK>;

constexpr auto kLargest = static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max());

/// Returns the block that a regular hyperslab selects; nothing if it has gaps or grows.
std::optional<Box> block_of(hid_t space) {
  const int ndim = H5Sget_simple_extent_ndims(space);
  Extents start = {}, stride = {}, count = {}, block = {};
  if (ndim < 1 || ndim > kMaxNdim || H5Sis_regular_hyperslab(space) <= 0 ||
      H5Sget_regular_hyperslab(space, start.data(), stride.data(), count.data(), block.data()) < 0)
    return std::nullopt;
  Box box{Index(ndim, 0), Index(ndim, 0)};
  for (int axis = 0; axis < ndim; ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    if (count[at] == H5S_UNLIMITED || block[at] == H5S_UNLIMITED) return std::nullopt;
    if (count[at] > 1 && stride[at] != block[at]) return std::nullopt;
    if (block[at] != 0 && count[at] > kLargest / block[at]) return std::nullopt;
    const hsize_t extent = count[at] * block[at];
    if (start[at] > kLargest - extent) return std::nullopt;
    box.lo[axis] = static_cast<std::int64_t>(start[at]);
    box.hi[axis] = static_cast<std::int64_t>(start[at] + extent);
  }
  return box;
}

std::optional<SourceName> read_source(hid_t creation, std::size_t number) {
  SourceName name;
  name.file = read_name(
      [&](char* out, std::size_t size) { return H5Pget_virtual_filename(creation, number, out, size); });
  name.dataset = read_name(
      [&](char* out, std::size_t size) { return H5Pget_virtual_dsetname(creation, number, out, size); });
  const bool is_plain = !name.file.empty() && !name.dataset.empty() &&
                        name.file.find('%') == std::string::npos &&
                        name.dataset.find('%') == std::string::npos;
  return is_plain ? std::optional(name) : std::nullopt;
}

std::optional<Mapping> read_blocks(hid_t creation, std::size_t number, const Shape& shape) {
  const Handle place(H5Pget_virtual_vspace(creation, number));
  const Handle from(H5Pget_virtual_srcspace(creation, number));
  if (!place || !from) return std::nullopt;
  Mapping mapping;
  const auto placed =
      H5Sget_select_type(place.get()) == H5S_SEL_ALL ? std::optional(Box(shape)) : block_of(place.get());
  if (!placed || placed->ndim() != shape.size() || !Box(shape).contains(*placed)) return std::nullopt;
  mapping.place = *placed;
  mapping.is_whole = H5Sget_select_type(from.get()) == H5S_SEL_ALL;
  if (mapping.is_whole) return mapping;
  const auto source = block_of(from.get());
  if (!source) return std::nullopt;
  const auto along = match_axes(source->shape(), placed->shape());
  if (!along) return std::nullopt;
  mapping.start = source->lo;
  mapping.along = *along;
  return mapping;
}

}  // namespace

std::optional<Index> match_axes(const Shape& source, const Shape& place) {
  Index along(source.size(), -1);
  std::int64_t axis = 0;
  const auto skip_ones = [&] {
    while (axis < place.size() && place[axis] == 1) ++axis;
  };
  for (std::int64_t from = 0; from < source.size(); ++from) {
    if (source[from] == 1) continue;
    skip_ones();
    if (axis == place.size() || place[axis] != source[from]) return std::nullopt;
    along[from] = axis++;
  }
  skip_ones();
  return axis == place.size() ? std::optional(along) : std::nullopt;
}

std::optional<Mappings> read_mappings(hid_t creation, const Shape& shape, std::size_t most) {
  const LibraryLock lock;
  std::size_t count = 0;
  if (shape.empty() || H5Pget_virtual_count(creation, &count) < 0 || count > most) return std::nullopt;
  Mappings mappings;
  mappings.blocks.reserve(count);
  std::map<SourceName, std::size_t> numbers;
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = read_source(creation, i);
    auto mapping = name ? read_blocks(creation, i, shape) : std::nullopt;
    if (!mapping) {
      H5Eclear2(H5E_DEFAULT);
      return std::nullopt;
    }
    const auto [known, is_new] = numbers.try_emplace(*name, mappings.sources.size());
    if (is_new) mappings.sources.push_back(*name);
    mapping->source = known->second;
    mappings.blocks.push_back(std::move(*mapping));
  }
  return mappings;
}

}  // namespace varve::io::hdf5
