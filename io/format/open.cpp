#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

#include "io/format.hpp"
#include "io/format/hdf5.hpp"
#include "io/format/hdf5_dataset_writer.hpp"
#include "io/format/npy.hpp"
#include "io/format/zarr.hpp"
#include "io/format/zarr_writer.hpp"
#include "io/store/file.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

enum class Kind { zarr, hdf5, npy };

constexpr const char* kClassic =
    "NetCDF classic files are not read; a copy in NetCDF-4 is, such as nccopy -k nc4 or other NetCDF tools "
    "make";

struct Unread {
  std::string_view magic;
  const char* advice;
};
constexpr std::array<Unread, 8> kUnread = {{
    {"CDF\x01", kClassic},
    {"CDF\x02", kClassic},
    {"CDF\x05", kClassic},
    {std::string_view("II*\0", 4), "TIFF files are not read; convert to Zarr, HDF5 or npy"},
    {std::string_view("MM\0*", 4), "TIFF files are not read; convert to Zarr, HDF5 or npy"},
    {std::string_view("II+\0", 4), "TIFF files are not read; convert to Zarr, HDF5 or npy"},
    {std::string_view("MM\0+", 4), "TIFF files are not read; convert to Zarr, HDF5 or npy"},
    {"PK\x03\x04", "zip files are not read; unpack it, and give the directory or the npy file inside"},
}};

std::string first_bytes(const std::string& path) {
  const File file = File::open_read(path);
  const std::int64_t size = file.require_regular(path).st_size;
  std::string start(static_cast<std::size_t>(std::min<std::int64_t>(size, 8)), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(start)), path);
  return start;
}

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_called_hdf5(std::string_view path) { return ends_with_any(path, {".h5", ".hdf5", ".nc", ".nc4"}); }

// Names what a directory holds that could be read instead.
std::string readable_below(const std::string& path) {
  constexpr int kShown = 3;
  constexpr int kMostEntries = 1000;
  std::vector<std::string> found;
  std::error_code error;
  int seen = 0;
  for (std::filesystem::directory_iterator entry(path, error);
       !error && entry != std::filesystem::directory_iterator() && ++seen <= kMostEntries;
       entry.increment(error)) {
    const std::string inside = entry->path().string();
    if (looks_like_zarr(inside) || is_called_hdf5(inside) || inside.ends_with(".npy"))
      found.push_back(inside);
  }
  std::sort(found.begin(), found.end());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), kShown); ++i)
    text += (i == 0 ? "; inside it is " : ", ") + found[i];
  return found.size() > kShown ? text + ", ..." : text;
}

Kind kind_of_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw StorageError(path + ": cannot be opened: " + system_message(errno));
  if (S_ISDIR(status.st_mode)) {
    if (looks_like_zarr(path)) return Kind::zarr;
    throw FormatError(path + ": is a directory without Zarr metadata (zarr.json, .zgroup or .zarray)" +
                      readable_below(path));
  }
  const std::string start = first_bytes(path);
  if (start.starts_with("\x93NUMPY")) return Kind::npy;
  for (const Unread& unread : kUnread) {
    if (start.starts_with(unread.magic)) throw FormatError(path + ": " + unread.advice);
  }
  if (looks_like_hdf5(path)) return Kind::hdf5;
  throw FormatError(path + ": the format is unknown; read are Zarr directories, HDF5, NetCDF-4 and npy");
}

}  // namespace

std::shared_ptr<Dataset> open_dataset(const std::string& path, const std::string& variable) {
  switch (kind_of_file(path)) {
    case Kind::zarr:
      return open_zarr(path, variable);
    case Kind::hdf5:
      return open_hdf5(path, variable);
    default:
      return open_npy(path, variable);
  }
}

FileSummary summarize_file(const std::string& path) {
  switch (kind_of_file(path)) {
    case Kind::zarr:
      return summarize_zarr(path);
    case Kind::hdf5:
      return summarize_hdf5(path);
    default:
      return summarize_npy(path);
  }
}

std::vector<std::string> files_behind(const std::string& path, const std::string& variable) {
  if (looks_like_zarr(path)) return files_behind_zarr(path, variable);
  if (looks_like_hdf5(path)) return files_behind_hdf5(path, variable);
  return {path};
}

namespace {

Kind kind_of_output(const std::string& path) {
  std::string_view name = path;
  while (name.ends_with('/')) name.remove_suffix(1);
  if (ends_with_any(name, {".zarr"})) return Kind::zarr;
  if (is_called_hdf5(name)) return Kind::hdf5;
  if (ends_with_any(name, {".npy"})) return Kind::npy;
  throw ArgumentError("output \"" + path +
                      "\": the ending says no format; known are .zarr, .h5, .hdf5, .nc, .nc4 and .npy");
}

}  // namespace

std::int64_t write_workspace_bytes(const std::string& path, int zarr_format, const DatasetSpec& spec) {
  switch (kind_of_output(path)) {
    case Kind::zarr:
      return ZarrPlan(spec, zarr_format).workspace_bytes;
    case Kind::hdf5:
      return hdf5::write_workspace_bytes(spec);
    default:
      return 0;
  }
}

std::unique_ptr<OutputFile> create_output(const std::string& path, const OutputOptions& options) {
  switch (kind_of_output(path)) {
    case Kind::zarr:
      return create_zarr(path, options);
    case Kind::hdf5:
      return create_hdf5(path, options);
    default:
      return create_npy(path, options);
  }
}

}  // namespace varve::io
