#include "io/formats.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "io/format.hpp"
#include "io/format/hdf5.hpp"
#include "io/format/hdf5_dataset_writer.hpp"
#include "io/format/npy.hpp"
#include "io/format/zarr.hpp"
#include "io/format/zarr_writer.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr std::string_view kZarrEndings[] = {".zarr"};
constexpr std::string_view kHdf5Endings[] = {".h5", ".hdf5"};
constexpr std::string_view kNetcdfEndings[] = {".nc", ".nc4"};
constexpr std::string_view kNpyEndings[] = {".npy"};

constexpr DType kNetcdfLacks[] = {DType::float16};  // of bool it makes int8

constexpr FormatKeeps kNpy = {.several_arrays = false,
                              .attributes = false,
                              .chunks = false,
                              .codecs = false,
                              .coordinates = false,
                              .resuming = Resuming::starts_anew};

bool is_zarr(const FirstLook& look) { return look.is_directory && looks_like_zarr(look.path); }
bool is_hdf5(const FirstLook& look) { return !look.is_directory && looks_like_hdf5(look.path); }
bool is_npy(const FirstLook& look) { return look.start.starts_with("\x93NUMPY"); }

std::int64_t told_when_opened(const std::string& /*path*/, const std::string& /*variable*/) { return -1; }
std::vector<std::string> itself(const std::string& path, const std::string& /*variable*/) { return {path}; }
std::int64_t no_workspace(const DatasetSpec& /*spec*/) { return 0; }

// What is read is the same for all versions: a Zarr may hold nodes of both.
template <int Version>
constexpr Format zarr(std::string_view name, FillMeaning fill) {
  return {
      .name = name,
      .title = "Zarr",
      .endings = kZarrEndings,
      .version = Version,
      .is_directory = true,
      .default_codec = "blosc:lz4:5",
      .keeps = {.resuming = Resuming::goes_on, .fill = fill},
      .recognises = is_zarr,
      .open = open_zarr,
      .summarize = summarize_zarr,
      .files_behind = files_behind_zarr,
      .count_stored_bytes = count_zarr_bytes,
      .create = [](std::unique_ptr<PendingOutput> output,
                   const OutputOptions& options) { return create_zarr(std::move(output), Version, options); },
      .write_workspace_bytes =
          [](const DatasetSpec& spec) { return ZarrPlan(spec, Version).workspace_bytes; },
  };
}

constexpr Format kHdf5 = {
    .name = "hdf5",
    .title = "HDF5",
    .endings = kHdf5Endings,
    .calls_libhdf5 = true,
    .default_codec = "gzip:1",
    .keeps = {.coordinates = false},
    .recognises = is_hdf5,
    .open = open_hdf5,
    .summarize = summarize_hdf5,
    .files_behind = files_behind_hdf5,
    .count_stored_bytes = told_when_opened,
    .create = create_hdf5,
    .write_workspace_bytes = hdf5::write_workspace_bytes,
};

// Is read as HDF5, whose files tell when they are opened whether they are NetCDF.
constexpr Format netcdf4() {
  Format row = kHdf5;
  row.name = "netcdf4";
  row.title = "NetCDF-4";
  row.endings = kNetcdfEndings;
  row.keeps = {.source_names = true, .fill = FillMeaning::missing, .lacks = kNetcdfLacks};
  row.create = create_netcdf4;
  return row;
}

constexpr Format kFormats[] = {
    zarr<3>("zarr v3", FillMeaning::value),
    zarr<2>("zarr v2", FillMeaning::missing_if_named),
    kHdf5,
    netcdf4(),
    {.name = "npy",
     .title = "npy",
     .endings = kNpyEndings,
     .default_codec = "none",
     .keeps = kNpy,
     .recognises = is_npy,
     .open = open_npy,
     .summarize = summarize_npy,
     .files_behind = itself,
     .count_stored_bytes = told_when_opened,
     .create = create_npy,
     .write_workspace_bytes = no_workspace},
};

template <class Words>
std::string joined(const Words& words, std::string_view before_last) {
  std::string text;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (word != words.begin()) text += std::next(word) == words.end() ? before_last : ", ";
    text += *word;
  }
  return text;
}

void add_new(std::string_view word, std::vector<std::string_view>& words) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

bool has_ending(const Format& format, std::string_view path) {
  return std::any_of(format.endings.begin(), format.endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

std::string known_endings() {
  std::vector<std::string_view> endings;
  for (const Format& format : formats()) {
    for (const std::string_view ending : format.endings) add_new(ending, endings);
  }
  return joined(endings, " and ");
}

std::string known_versions(std::string_view path) {
  std::set<std::string> versions;
  for (const Format& format : formats()) {
    if (has_ending(format, path)) versions.insert(std::to_string(format.version));
  }
  return joined(versions, " and ");
}

std::string_view without_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

const Format& require_format(std::string_view path, int version) {
  if (const Format* found = format_of_ending(path, version)) return *found;
  if (const Format* usual = format_of_ending(path))
    throw ArgumentError("output \"" + std::string(path) + "\": there is no version " +
                        std::to_string(version) + " of " + std::string(usual->title) + "; known are " +
                        known_versions(without_slashes(path)));
  throw ArgumentError("output \"" + std::string(path) + "\": the ending says no format; known are " +
                      known_endings());
}

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* format_named(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                         [&](const Format& format) { return format.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

const Format* format_of_ending(std::string_view path, int version) {
  path = without_slashes(path);
  for (const Format& format : kFormats) {
    const bool fits = version == 0 || format.version == 0 || format.version == version;
    if (fits && has_ending(format, path)) return &format;
  }
  return nullptr;
}

std::string list_endings(std::string_view before_last, const std::function<bool(const Format&)>& which) {
  std::vector<std::string_view> endings;
  for (const Format& format : kFormats) {
    if (which(format)) add_new(format.endings.front(), endings);
  }
  return joined(endings, before_last);
}

std::string list_formats(std::string_view before_last) {
  std::vector<std::string_view> titles;
  for (const Format& format : kFormats) add_new(format.title, titles);
  return joined(titles, before_last);
}

OutputPlace::OutputPlace(const std::string& where, int version)
    : path(where), store(&stores().front()), format(&require_format(where, version)) {}

void OutputPlace::require_dtype(DType dtype) const {
  const auto holds = [dtype](const Format& other) {
    const std::span<const DType> lacks = other.keeps.lacks;
    return std::find(lacks.begin(), lacks.end(), dtype) == lacks.end();
  };
  if (holds(*format)) return;
  throw DTypeError(path + ": " + std::string(format->title) + " has no " + std::string(name_of(dtype)) +
                   "; cast it, or write " + list_endings(" or ", holds));
}

}  // namespace varve::io
