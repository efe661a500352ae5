#include "io/format/zarr_hierarchy.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "io/format/json_text.hpp"
#include "io/format/zarr.hpp"
#include "io/format/zarr_attributes.hpp"
#include "io/format/zarr_dataset.hpp"
#include "io/store/stores.hpp"
#include "io/variable_name.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

// Metadata is counted by no budget, and takes about ten times its length in memory while it is read.
constexpr std::int64_t kMaxMetadataBytes = 4 << 20;
constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxFolders = 100000;  // with the depth, ends walks along cyclic links
constexpr const char* kV3 = "zarr.json";
constexpr const char* kV2Array = ".zarray";
constexpr const char* kV2Group = ".zgroup";
constexpr const char* kV2Attributes = ".zattrs";

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

bool is_v3_array(const json& metadata) {
  return metadata.is_object() && metadata.value("node_type", json()) == "array";
}

}  // namespace

ZarrHierarchy::ZarrHierarchy(std::shared_ptr<const ByteStore> store) : store_(std::move(store)) {
  root_v3_ = read_own(kV3);
  if (root_v3_ && root_v3_->is_object() && root_v3_->contains("consolidated_metadata")) {
    keep_consolidated(root_v3_->at("consolidated_metadata"), true);
    root_v3_->erase("consolidated_metadata");
  }
  if (std::optional<json> v2 = read_own(".zmetadata")) keep_consolidated(*v2, false);
}

void ZarrHierarchy::keep_consolidated(json& document, bool v3) {
  if (!document.is_object() || !document.contains("metadata")) return;
  json& nodes = document.at("metadata");
  if (!nodes.is_object()) return;
  for (auto& [key, node] : nodes.items()) consolidated_[v3 ? join(key, kV3) : key] = std::move(node);
}

std::optional<json> ZarrHierarchy::read_own(const std::string& key) const {
  if (key == last_key_) return last_read_;
  const auto text = store_->read_text(key, kMaxMetadataBytes);
  last_key_.clear();  // what follows may throw
  last_read_ = text ? std::optional(parse_json(*text, join(store_->location(), key))) : std::nullopt;
  last_key_ = key;
  return last_read_;
}

std::optional<json> ZarrHierarchy::read_json(const std::string& path, const std::string& name) const {
  const std::string key = join(path, name);
  if (!is_valid_key(key)) return std::nullopt;
  if (key == kV3 && root_v3_) return root_v3_;
  if (std::optional<json> own = read_own(key)) return own;
  const auto found = consolidated_.find(key);
  if (found == consolidated_.end()) return std::nullopt;
  return found->second;
}

bool ZarrHierarchy::is_array(const std::string& path) const {
  if (const std::optional<json> v3 = read_json(path, kV3)) return is_v3_array(*v3);
  return read_json(path, kV2Array).has_value();
}

ZarrArray ZarrHierarchy::read_array(const std::string& path) const {
  const std::string what = join(store_->location(), path);
  if (const std::optional<json> v3 = read_json(path, kV3)) return parse_zarr_v3(*v3, join(what, kV3));
  const std::optional<json> v2 = read_json(path, kV2Array);
  if (!v2) throw Error(what + ": is not a Zarr array");
  return parse_zarr_v2(*v2, read_json(path, kV2Attributes).value_or(json::object()), join(what, kV2Array));
}

std::string ZarrHierarchy::metadata_key(const std::string& path) const {
  for (const char* name : {kV3, kV2Array}) {
    const std::string key = join(path, name);
    if (store_->size(key)) return key;
  }
  return root_v3_ ? kV3 : ".zmetadata";
}

// A damaged node counts as an array here: opening it says what is wrong.
void ZarrHierarchy::find_arrays(const std::string& path, int depth, Walk& walk) const {
  if (++walk.folders > kMaxFolders) {
    throw FormatError(store_->location() + ": has more than 100000 folders; name the array to be opened");
  }
  bool damaged = false;
  bool array = false;
  try {
    array = is_array(path);
  } catch (const FormatError&) {
    damaged = true;
  }
  if (array || damaged) walk.found.insert(path);
  if (!array && !damaged && !path.empty() && is_group(path)) walk.groups.insert(path);
  if (array || depth >= kMaxDepth) return;
  for (const std::string& name : store_->list(path)) {
    if (name.ends_with('/')) find_arrays(join(path, name.substr(0, name.size() - 1)), depth + 1, walk);
  }
}

bool ZarrHierarchy::is_group(const std::string& path) const {
  if (const std::optional<json> v3 = read_json(path, kV3)) return v3->is_object() && !is_v3_array(*v3);
  return read_json(path, kV2Group).has_value();
}

ZarrHierarchy::Nodes ZarrHierarchy::nodes() const {
  Walk walk;
  find_arrays("", 0, walk);
  for (const auto& [key, node] : consolidated_) {
    const std::size_t slash = key.rfind('/');
    const std::string path = slash == std::string::npos ? "" : key.substr(0, slash);
    const std::string name = slash == std::string::npos ? key : key.substr(slash + 1);
    if (!is_valid_key(key)) continue;
    if (name == kV2Array || (name == kV3 && is_v3_array(node))) walk.found.insert(path);
    if (!path.empty() && (name == kV2Group || (name == kV3 && !is_v3_array(node)))) walk.groups.insert(path);
  }
  return {{walk.found.begin(), walk.found.end()}, {walk.groups.begin(), walk.groups.end()}};
}

Attributes ZarrHierarchy::group_attributes(const std::string& path) const {
  json attributes = json::object();
  if (const std::optional<json> v3 = read_json(path, kV3)) {
    if (v3->is_object()) attributes = v3->value("attributes", json::object());
  } else {
    attributes = read_json(path, kV2Attributes).value_or(json::object());
  }
  return read_zarr_attributes(attributes.is_object() ? attributes : json::object());
}

std::string ZarrHierarchy::format() const { return read_json("", kV3) ? "zarr v3" : "zarr v2"; }

namespace {

bool is_coordinate_in(const ZarrHierarchy& hierarchy, const std::string& name) {
  try {
    return is_coordinate(name, hierarchy.read_array(name).info.dimension_names);
  } catch (const Error&) {  // what cannot be read is no coordinate of anything
    return false;
  }
}

// Returns the only array, or the only one that is no coordinate.
std::optional<std::string> only_array(const ZarrHierarchy& hierarchy,
                                      const std::vector<std::string>& arrays) {
  if (arrays.size() == 1) return arrays.front();
  std::vector<std::string> others;
  for (const std::string& name : arrays) {
    if (others.size() < 2 && !is_coordinate_in(hierarchy, name)) others.push_back(name);
  }
  return others.size() == 1 ? std::optional(others.front()) : std::nullopt;
}

std::string choose_array(const ZarrHierarchy& hierarchy, const std::string& path, std::string variable) {
  while (variable.starts_with('/')) variable.erase(0, 1);
  if (hierarchy.is_array(variable)) return variable;
  const std::vector<std::string> arrays = hierarchy.arrays();
  if (variable.empty()) {
    if (const auto only = only_array(hierarchy, arrays)) return *only;
  }
  std::string names;
  for (const std::string& name : arrays) names += (names.empty() ? "" : ", ") + name;
  if (arrays.empty()) throw Error(path + ": holds no array");
  if (arrays == std::vector<std::string>{""}) {
    throw ArgumentError(path + ": is an array itself and holds none called \"" + variable +
                        "\"; leave the name out");
  }
  if (variable.empty()) throw ArgumentError(path + ": holds several arrays; name one of: " + names);
  throw ArgumentError(path + ": has no array \"" + variable + "\"; it has: " + names);
}

// Looks at a few chunks, spread over all.
void sample_chunks(const ByteStore& store, const std::string& name, ZarrArray& array) {
  constexpr std::int64_t kSampled = 32;
  const ChunkGrid& grid = array.info.grid;
  const std::int64_t count = std::min(grid.chunk_count(), kSampled);
  std::int64_t bytes = 0;
  std::int64_t present = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    ChunkIndex chunk(grid.ndim(), 0);
    for (std::int64_t axis = 0; axis < grid.ndim(); ++axis) {
      // Other axes go round at other speeds, so that a sample is no single row of chunks.
      chunk[axis] = (i * grid.count(axis) / count + i * axis) % grid.count(axis);
    }
    const std::optional<std::int64_t> size = store.size(array.keys.key_of(name, chunk));
    bytes += size.value_or(0);
    present += size ? 1 : 0;
  }
  array.info.sampled_chunk_bytes = count > 0 ? bytes / count : -1;
  array.mostly_absent = present < count / 2;
}

std::shared_ptr<Dataset> open_array(const std::shared_ptr<const ByteStore>& store,
                                    const ZarrHierarchy& hierarchy, const std::string& name) {
  ZarrArray array = hierarchy.read_array(name);
  const std::string root = store->location();
  array.info.location = name.empty() ? root : root + ":" + name;
  array.metadata_key = hierarchy.metadata_key(name);
  array.info.identity = zarr_identity(*store, name, array);
  sample_chunks(*store, name, array);
  return make_zarr_dataset(store, name, std::move(array));
}

}  // namespace

bool looks_like_zarr(const std::string& path) {
  for (const char* name : {"zarr.json", ".zarray", ".zgroup", ".zmetadata"}) {
    struct stat status {};
    if (::stat((path + "/" + name).c_str(), &status) == 0) return true;
  }
  return false;
}

std::shared_ptr<Dataset> open_zarr(const std::string& path, const std::string& variable) {
  const auto store = open_store(path);
  const ZarrHierarchy hierarchy(store);
  return open_array(store, hierarchy, choose_array(hierarchy, path, variable));
}

FileSummary summarize_zarr(const std::string& path) {
  const auto store = open_store(path);
  const ZarrHierarchy hierarchy(store);
  FileSummary summary;
  summary.format = hierarchy.format();
  summary.attributes = hierarchy.group_attributes("");
  const ZarrHierarchy::Nodes nodes = hierarchy.nodes();
  for (const std::string& group : nodes.groups) {
    summary.group_attributes.emplace(group, hierarchy.group_attributes(group));
  }
  for (const std::string& name : nodes.arrays) {
    VariableSummary variable{name, ""};
    try {
      (void)hierarchy.read_array(name);
    } catch (const Error& error) {
      variable.problem = error.what();
    }
    summary.variables.push_back(std::move(variable));
  }
  return summary;
}

std::vector<std::string> files_behind_zarr(const std::string& path, const std::string& variable) {
  constexpr std::int64_t kMaxEntries = 4096;
  namespace fs = std::filesystem;
  const fs::path array = fs::path(path) / variable;
  std::vector<std::string> files = {path, array.string()};
  std::error_code error;
  fs::recursive_directory_iterator entry(array, error);
  for (std::int64_t seen = 0; !error && entry != fs::recursive_directory_iterator() && seen < kMaxEntries;
       entry.increment(error), ++seen) {
    if (entry->is_symlink(error)) files.push_back(entry->path().string());
  }
  return files;
}

std::int64_t count_zarr_bytes(const std::string& path, const std::string& variable) {
  constexpr std::int64_t kMaxKeys = 20000;
  const auto store = open_store(path);
  const ZarrHierarchy hierarchy(store);
  const std::string name = choose_array(hierarchy, path, variable);
  const ZarrArray array = hierarchy.read_array(name);
  const ChunkGrid& grid = array.info.grid;
  if (grid.chunk_count() > kMaxKeys) return -1;
  std::int64_t bytes = 0;
  ChunkIndex chunk(grid.ndim(), 0);
  if (grid.chunk_count() == 0) return 0;
  do {
    bytes += store->size(array.keys.key_of(name, chunk)).value_or(0);
  } while (next_index(chunk, grid.counts()));
  return bytes;
}

}  // namespace varve::io
