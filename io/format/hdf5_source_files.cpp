#include "io/format/hdf5_source_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>

#include "io/format/hdf5_lock.hpp"
#include "io/store/leased_file.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

namespace fs = std::filesystem;

/// Returns a prefix that may be meant from the folder of the dataset; nothing if it is not.
std::optional<fs::path> from_origin(std::string_view prefix, const fs::path& folder) {
  constexpr std::string_view kOrigin = "${ORIGIN}";
  if (!prefix.starts_with(kOrigin)) return std::nullopt;
  return fs::path(folder.string() + std::string(prefix.substr(kOrigin.size())));
}

/// Returns the folders of HDF5_VDS_PREFIX.
std::vector<fs::path> prefixes(const fs::path& folder) {
  const char* variable = std::getenv("HDF5_VDS_PREFIX");
  if (variable == nullptr) return {};
  std::string_view text = variable;
  if (auto only = from_origin(text, folder)) return {*std::move(only)};
  std::vector<fs::path> found;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    if (!part.empty()) found.emplace_back(part);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return found;
}

}  // namespace

std::vector<std::string> source_places(const std::string& name, const std::string& holder) {
  const fs::path path(name);
  const fs::path folder = fs::path(holder).parent_path();
  std::vector<fs::path> places;
  if (path.is_absolute()) places.push_back(path);
  const fs::path rest = path.is_absolute() ? path.filename() : path;
  for (const fs::path& prefix : prefixes(folder)) places.push_back(prefix / rest);
  places.push_back(folder / rest);
  places.push_back(rest);
  std::error_code error;
  const fs::path actual = fs::canonical(holder, error);
  if (!error) places.push_back(actual.parent_path() / rest);
  std::vector<std::string> absolute;
  for (const fs::path& place : places) absolute.push_back(absolute_path(place.string()));
  return absolute;
}

std::vector<std::string> raw_file_places(const std::string& name, const std::string& holder) {
  const fs::path path(name);
  if (path.is_absolute()) return {name};
  const fs::path folder = fs::path(holder).parent_path();
  std::vector<std::string> places = {absolute_path((folder / path).string())};
  if (const char* prefix = std::getenv("HDF5_EXTFILE_PREFIX"))
    places.push_back(absolute_path((from_origin(prefix, folder).value_or(prefix) / path).string()));
  return places;
}

std::optional<std::string> find_source_file(const std::string& name, const std::string& holder) {
  for (const std::string& path : source_places(name, holder)) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0) return path;
    if (errno != ENOENT && errno != ENOTDIR)
      throw StorageError(path + ": cannot be opened: " + system_message(errno));
  }
  return std::nullopt;
}

std::vector<std::string> source_files(hid_t creation, const std::string& file) {
  constexpr std::size_t kMost = 10000;
  const std::filesystem::path folder = std::filesystem::path(absolute_path(file)).parent_path();
  std::set<std::string> names;
  std::array<char, 4096> name = {};
  std::size_t count = 0;
  if (H5Pget_layout(creation) == H5D_VIRTUAL && H5Pget_virtual_count(creation, &count) >= 0) {
    for (std::size_t index = 0; index < std::min(count, kMost); ++index) {
      if (H5Pget_virtual_filename(creation, index, name.data(), name.size() - 1) < 0) continue;
      if (std::string_view(name.data()) != ".") names.insert((folder / name.data()).string());
    }
  }
  const int external = H5Pget_external_count(creation);
  for (unsigned index = 0; index < std::min<unsigned>(static_cast<unsigned>(std::max(external, 0)), kMost);
       ++index) {
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_external(creation, index, name.size() - 1, name.data(), &offset, &size) < 0) continue;
    names.insert((folder / name.data()).string());
  }
  H5Eclear2(H5E_DEFAULT);
  return {names.begin(), names.end()};
}

}  // namespace varve::io::hdf5
