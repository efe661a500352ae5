#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <vector>

#include "io/format.hpp"
#include "io/format/zarr.hpp"
#include "io/store/file.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

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

// Names what a directory holds that could be read instead.
std::string readable_below(const std::string& path) {
  constexpr int kShown = 3;
  constexpr int kMaxEntries = 1000;
  std::vector<std::string> found;
  std::error_code error;
  int seen = 0;
  for (std::filesystem::directory_iterator entry(path, error);
       !error && entry != std::filesystem::directory_iterator() && ++seen <= kMaxEntries;
       entry.increment(error)) {
    const std::string inside = entry->path().string();
    std::error_code ignored;
    if (entry->is_directory(ignored) ? looks_like_zarr(inside) : format_of_ending(inside) != nullptr)
      found.push_back(inside);
  }
  std::sort(found.begin(), found.end());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), kShown); ++i)
    text += (i == 0 ? "; inside it is " : ", ") + found[i];
  return found.size() > kShown ? text + ", ..." : text;
}

FirstLook look_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw StorageError(path + ": cannot be opened: " + system_message(errno));
  const bool is_directory = S_ISDIR(status.st_mode);
  return {path, is_directory, is_directory ? "" : first_bytes(path)};
}

const Unread* unread_kind(const FirstLook& look) {
  const auto* const found = std::find_if(kUnread.begin(), kUnread.end(), [&](const Unread& unread) {
    return look.start.starts_with(unread.magic);
  });
  return found == kUnread.end() ? nullptr : found;
}

const Format* format_of(const FirstLook& look) {
  if (unread_kind(look) != nullptr) return nullptr;  // what follows a foreign start counts for nothing
  for (const Format& format : formats()) {
    if (format.recognises(look)) return &format;
  }
  return nullptr;
}

const Format& require_format(const std::string& path) {
  const FirstLook look = look_at(path);
  if (const Format* found = format_of(look)) return *found;
  if (look.is_directory)
    throw FormatError(path + ": is a directory without Zarr metadata (zarr.json, .zgroup or .zarray)" +
                      readable_below(path));
  if (const Unread* unread = unread_kind(look)) throw FormatError(path + ": " + unread->advice);
  throw FormatError(path + ": the format is unknown; read are " + list_formats(" and "));
}

}  // namespace

const Format* format_of_content(const std::string& path) { return format_of(look_at(path)); }

std::shared_ptr<Dataset> open_dataset(const std::string& path, const std::string& variable) {
  return require_format(path).open(path, variable);
}

FileSummary summarize_file(const std::string& path) { return require_format(path).summarize(path); }

std::vector<std::string> files_behind(const std::string& path, const std::string& variable) {
  try {
    const Format* format = format_of_content(path);
    return format != nullptr ? format->files_behind(path, variable) : std::vector<std::string>{path};
  } catch (const StorageError&) {
    return {path};
  }
}

std::unique_ptr<OutputFile> create_output(const OutputPlace& place, const OutputOptions& options) {
  const Format& format = *place.format;
  if (options.existing == ExistingOutput::resume && format.keeps.resuming == Resuming::refused) {
    const auto goes_on = [](const Format& other) { return other.keeps.resuming == Resuming::goes_on; };
    throw ArgumentError(place.path + ": " + std::string(format.title) + " outputs cannot be resumed; write " +
                        list_endings(" or ", goes_on) + " for a run that can");
  }
  const OutputRequest request{place.path, options.existing, format.is_directory, options.sync};
  return format.create(place.store->begin(request), options);
}

}  // namespace varve::io
