#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "io/format/hdf5.hpp"
#include "io/format/hdf5_driver.hpp"
#include "io/format/hdf5_source_files.hpp"
#include "io/store/leased_file.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace hdf5 {
namespace {

namespace fs = std::filesystem;

// Bounds what a hostile file can make us look at.
constexpr std::size_t kMaxFiles = 25000;
constexpr std::size_t kMaxArrays = 100000;
// Virtual datasets one behind the other: libhdf5 takes some of the stack for each.
constexpr std::size_t kDeepest = 1000;

/// Returns the names in a folder that "part%b.h5", the name of a family of sources, stands for: any number in
/// place of %b. A name without %b stands for itself.
std::vector<std::string> expand_family(const fs::path& pattern) {
  const std::string name = pattern.filename().string();
  const std::size_t mark = name.find("%b");
  if (mark == std::string::npos) return {pattern.string()};
  const std::string_view start = std::string_view(name).substr(0, mark);
  const std::string_view end = std::string_view(name).substr(mark + 2);
  std::vector<std::string> found;
  std::error_code error;
  const fs::path folder = pattern.has_parent_path() ? pattern.parent_path() : fs::path(".");
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator() && found.size() < kMaxFiles; entry.increment(error)) {
    const std::string other = entry->path().filename().string();
    const bool fits =
        other.size() > start.size() + end.size() && other.starts_with(start) && other.ends_with(end);
    if (!fits) continue;
    const char* first = other.data() + start.size();
    const char* last = other.data() + other.size() - end.size();
    std::int64_t number = 0;
    const auto read = std::from_chars(first, last, number);
    if (read.ec == std::errc() && read.ptr == last) found.push_back(entry->path().string());
  }
  return found;
}

/// Follows an array to all files that hold it.
class FileSearch {
 public:
  void visit(const std::string& path, const std::string& variable) {
    enter({path, variable});
    while (!way_.empty()) {
      Step& step = way_.back();
      if (step.next < step.sources.size()) {
        enter(Source(step.sources[step.next++]));
      } else {
        on_way_.erase(step.key);
        way_.pop_back();
      }
    }
  }

  /// Says why the search ended before its time: "more than ..."; empty if it did not.
  [[nodiscard]] const std::string& excess() const noexcept { return excess_; }
  /// Tells whether an array was met again on a way that started from it.
  [[nodiscard]] bool is_circular() const noexcept { return is_circular_; }
  [[nodiscard]] std::vector<std::string> files() const { return {files_.begin(), files_.end()}; }

 private:
  struct Source {
    std::string path;
    std::string variable;
  };
  using Key = std::pair<std::string, std::string>;
  struct Step {
    Key key;
    std::vector<Source> sources;
    std::size_t next = 0;
  };

  void enter(const Source& array) {
    Key key = identify(array.path, array.variable);
    is_circular_ = is_circular_ || on_way_.contains(key);
    if (files_.size() >= kMaxFiles || visited_.contains(key)) return;
    if (visited_.size() >= kMaxArrays) {
      excess_ = "more than " + std::to_string(kMaxArrays) + " arrays";
    } else if (way_.size() >= kDeepest) {
      excess_ = "more than " + std::to_string(kDeepest) + " virtual datasets one behind the other";
    } else {
      visited_.insert(key);
      on_way_.insert(key);
      way_.push_back({std::move(key), sources_of(array)});
    }
  }

  // Notes the files that hold an array; returns the arrays behind it.
  std::vector<Source> sources_of(const Source& array) {
    files_.insert(array.path);
    const NoteOpenedFiles noted;
    const Handle access = file_access();
    const Handle file(H5Fopen(array.path.c_str(), H5F_ACC_RDONLY, access.get()));
    const Handle dataset(file ? H5Dopen2(file.get(), array.variable.c_str(), dataset_access())
                              : H5I_INVALID_HID);
    files_.insert(noted.names().begin(), noted.names().end());
    std::vector<Source> sources;
    if (dataset) sources = list_sources(dataset.get());
    H5Eclear2(H5E_DEFAULT);
    return sources;
  }

  // Returns what is the same for all spellings of an array's name.
  static Key identify(const std::string& path, const std::string& variable) {
    std::error_code error;
    const fs::path actual = fs::weakly_canonical(path, error);
    return {error ? path : actual.string(),
            variable.substr(std::min(variable.find_first_not_of('/'), variable.size()))};
  }

  std::vector<Source> list_sources(hid_t dataset) {
    const std::string holder =
        read_name([&](char* out, std::size_t size) { return H5Fget_name(dataset, out, size); });
    const Handle creation(H5Dget_create_plist(dataset));
    if (!creation) return {};
    add_raw_files(creation.get(), holder);
    std::vector<Source> sources;
    if (H5Pget_layout(creation.get()) != H5D_VIRTUAL) return sources;
    std::size_t count = 0;
    H5Pget_virtual_count(creation.get(), &count);
    for (std::size_t i = 0; i < std::min(count, kMaxFiles); ++i) {
      const std::string name = read_name(
          [&](char* out, std::size_t size) { return H5Pget_virtual_filename(creation.get(), i, out, size); });
      const std::string variable = read_name(
          [&](char* out, std::size_t size) { return H5Pget_virtual_dsetname(creation.get(), i, out, size); });
      if (name == ".") {
        sources.push_back({holder, variable});
        continue;
      }
      if (const auto found = find_existing(name, holder)) {
        sources.push_back({*found, variable});
        continue;
      }
      for (const std::string& place : source_places(name, absolute_path(holder))) {
        for (const std::string& path : expand_family(place)) sources.push_back({path, variable});
      }
    }
    return sources;
  }

  static std::optional<std::string> find_existing(const std::string& name, const std::string& holder) {
    try {
      return find_source_file(name, absolute_path(holder));
    } catch (const StorageError&) {
      return std::nullopt;
    }
  }

  void add_raw_files(hid_t creation, const std::string& holder) {
    const int count = H5Pget_external_count(creation);
    for (unsigned i = 0; i < static_cast<unsigned>(std::max(count, 0)); ++i) {
      std::array<char, 4096> name = {};
      off_t offset = 0;
      hsize_t size = 0;
      if (H5Pget_external(creation, i, name.size() - 1, name.data(), &offset, &size) < 0) continue;
      const std::vector<std::string> places = raw_file_places(name.data(), absolute_path(holder));
      files_.insert(places.begin(), places.end());
    }
  }

  std::set<std::string> files_;
  std::set<Key> visited_;
  std::vector<Step> way_;  ///< from the first array to the one being visited
  std::set<Key> on_way_;   ///< the keys of `way_`
  bool is_circular_ = false;
  std::string excess_;
};

}  // namespace

bool leads_to_itself(const std::string& path, const std::string& variable) {
  const LibraryLock lock;
  FileSearch search;
  search.visit(path, variable);
  if (search.is_circular()) return true;
  if (search.excess().empty()) return false;
  throw FormatError(path + ":" + variable + ": is a virtual dataset that leads to " + search.excess());
}

}  // namespace hdf5

std::vector<std::string> files_behind_hdf5(const std::string& path, const std::string& variable) {
  const hdf5::LibraryLock lock;
  hdf5::FileSearch search;
  search.visit(path, variable);
  constexpr std::size_t kMany = 100;
  if (search.files().size() > kMany) hdf5::give_back_memory();
  return search.files();
}

}  // namespace varve::io
