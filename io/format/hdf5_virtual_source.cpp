#include "io/format/hdf5_virtual_source.hpp"

#include <hdf5_hl.h>

#include <filesystem>

#include "io/format/hdf5_dataset.hpp"
#include "io/format/hdf5_source_files.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// Sources that are kept described, at some 4 KiB each: their files are bounded by other caches.
constexpr std::size_t kMaxDescribed = 1024;

HandleCache& described_sources() {
  static auto* cache = new HandleCache(kMaxDescribed);  // never destroyed: datasets may be static
  return *cache;
}

bool has_dataset(const std::string& path, const std::string& variable) {
  const Handle file = open_file(path);
  const htri_t found = H5LTpath_valid(file.get(), variable.c_str(), true);
  H5Eclear2(H5E_DEFAULT);
  return found > 0;
}

/// Returns nothing if the file has no such dataset.
std::optional<OpenArray> open_existing(const std::string& path, const std::string& variable) {
  try {
    return open_elements(path, variable);
  } catch (const FormatError&) {
    if (has_dataset(path, variable)) throw;
    return std::nullopt;
  }
}

bool is_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

/// Tells whether elements of the array can be had from the source beside libhdf5, or by it from that alone.
bool is_fit(const OpenArray& array, const SourceRules& rules) {
  const auto handles = array.handles->lease();
  const hid_t type = handles->type.get();
  if (H5Tequal(type, rules.type) > 0) return true;
  if (!is_number(type) || !is_number(rules.type)) return false;
  return array.element.dtype == rules.dtype || array.layout != Layout::virtual_sources;
}

std::shared_ptr<Dataset> make_source_reader(OpenArray array, DType dtype, VirtualOpening& opening) {
  if (array.layout != Layout::virtual_sources) {
    opening.files.insert(array.sources.begin(), array.sources.end());
    if (array.element.dtype != dtype) return make_converting_reader(std::move(array), dtype);
    return make_reader(std::move(array));
  }
  VirtualOpening inner{opening.depth + 1, opening.mappings_left, {}};
  std::shared_ptr<Dataset> reader = make_virtual_reader(std::move(array), inner);
  opening.mappings_left = inner.mappings_left;
  opening.files.merge(inner.files);
  return reader;
}

/// Returns what opens the source again, as it was.
std::function<std::shared_ptr<const Dataset>()> reopening(const std::string& path,
                                                          const std::string& variable, DType dtype,
                                                          const VirtualOpening& opening,
                                                          const std::string& identity) {
  return [=, depth = opening.depth, left = opening.mappings_left]() -> std::shared_ptr<const Dataset> {
    const LibraryLock lock;
    VirtualOpening again{depth, left, {}};
    auto array = open_existing(path, variable);
    auto source = array ? make_source_reader(std::move(*array), dtype, again) : nullptr;
    if (source && source->info().identity == identity) return source;
    throw StorageError(path + ":" + variable +
                       ": was changed while it was in use; run again, or open it again");
  };
}

}  // namespace

FoundSource find_source(const SourceName& name, const SourceRules& rules, VirtualOpening& opening) {
  const LibraryLock lock;
  const auto path = name.file == "." ? rules.holder : find_source_file(name.file, rules.holder);
  if (!path) {
    const std::filesystem::path folder = std::filesystem::path(rules.holder).parent_path();
    opening.files.insert((folder / name.file).string());
    return {};
  }
  if (*path != rules.holder) opening.files.insert(*path);
  auto array = open_existing(*path, name.dataset);
  if (!array) return {};
  const VirtualOpening before{opening.depth, opening.mappings_left, {}};
  FoundSource found;
  found.is_unfit = !is_fit(*array, rules);
  if (found.is_unfit) return found;
  found.opened = make_source_reader(std::move(*array), rules.dtype, opening);
  found.source = std::make_unique<VirtualSource>(
      described_sources(), found.opened,
      reopening(*path, name.dataset, rules.dtype, before, found.opened->info().identity));
  return found;
}

}  // namespace varve::io::hdf5
