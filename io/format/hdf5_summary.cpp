#include "io/format/hdf5_summary.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"
#include "io/format/hdf5_file.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// A hostile file can hold more links than fit in memory.
constexpr std::size_t kMaxVariables = 1'000'000;
constexpr int kDeepestGroup = 64;

herr_t collect_link(hid_t, const char* name, const H5L_info_t*, void* names) {
  try {
    auto* list = static_cast<std::vector<std::string>*>(names);
    if (list->size() >= kMaxVariables) return 1;  // stops the iteration
    list->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

/// Lists the links of a group in the order of their creation where the file knows it, else by name.
std::vector<std::string> links_of(hid_t group) {
  std::vector<std::string> names;
  if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, &collect_link, &names) < 0) {
    names.clear();
    H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, &collect_link, &names);
  }
  H5Eclear2(H5E_DEFAULT);
  return names;
}

/// Says why an object could not be opened; libhdf5 has just said what failed inside it.
std::string why_closed(hid_t group, const std::string& name) {
  const std::string message = take_error_message();
  H5L_info_t link = {};
  if (H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT) < 0) link.type = H5L_TYPE_HARD;
  const bool leads_on = link.type != H5L_TYPE_HARD;
  const bool nowhere = leads_on && H5Oexists_by_name(group, name.c_str(), H5P_DEFAULT) <= 0;
  H5Eclear2(H5E_DEFAULT);
  return (nowhere ? "the link leads nowhere: " : "it cannot be opened: ") + message;
}

/// Walks over the groups of a file. Links of all kinds are followed; what was seen is not entered again.
class Walk {
 public:
  explicit Walk(FileSummary& summary) : summary_(summary) {}

  void visit(hid_t group, const std::string& prefix, int depth) {
    for (const std::string& name : links_of(group)) {
      if (summary_.variables.size() >= kMaxVariables) return;
      const std::string path = prefix + name;
      const Handle object = open_object(group, name);
      if (!object) {
        summary_.variables.push_back({path, why_closed(group, name)});
        continue;
      }
      const H5I_type_t kind = H5Iget_type(object.get());
      if (kind == H5I_DATASET) add(object.get(), path);
      if (kind == H5I_GROUP && depth < kDeepestGroup && enter(object.get())) {
        summary_.group_attributes.emplace(path, read_attributes(object.get()));
        visit(object.get(), path + "/", depth + 1);
      }
    }
  }

  /// Returns true the first time that it meets the object.
  bool enter(hid_t object) {
    H5O_info_t info = {};
    if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return false;
    return entered_.emplace(info.fileno, info.addr).second;
  }

 private:
  void add(hid_t dataset, std::string path) {
    // NetCDF-4 hides a variable that is not the coordinate of the dimension of its name behind a prefix.
    const std::size_t base = path.rfind('/') + 1;
    if (path.compare(base, kNotCoordinate.size(), kNotCoordinate) == 0)
      path.erase(base, kNotCoordinate.size());
    if (summary_.format == "hdf5" && has_netcdf_marks(H5I_INVALID_HID, dataset)) summary_.format = "netcdf4";
    if (is_dimension_only(dataset)) {
      summary_.format = "netcdf4";
      return;
    }
    summary_.variables.push_back({std::move(path), problem_of(dataset)});
  }

  FileSummary& summary_;
  std::set<std::pair<unsigned long, haddr_t>> entered_;
};

bool is_dataset(hid_t file, const std::string& path) {
  const Handle object = open_object(file, path);
  H5Eclear2(H5E_DEFAULT);
  return object && H5Iget_type(object.get()) == H5I_DATASET && !is_dimension_only(object.get());
}

const char* kind_without_values(hid_t object) {
  const bool is_dimension = H5Iget_type(object) == H5I_DATASET && is_dimension_only(object);
  return is_dimension ? "a NetCDF dimension without values" : "not an array";
}

std::string list_names(const FileSummary& summary) {
  constexpr std::size_t kShown = 50;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, summary.variables.size()); ++i) {
    text += (i > 0 ? ", " : "") + summary.variables[i].name;
  }
  return summary.variables.size() > kShown ? text + ", ..." : text;
}

bool is_scale(hid_t file, const std::string& path) {
  const Handle object = open_object(file, path);
  H5Eclear2(H5E_DEFAULT);
  return object && read_text_attribute(object.get(), "CLASS") == "DIMENSION_SCALE";
}

/// Returns the only array of a file, or the only one that is no coordinate.
std::string only_variable(hid_t file, const FileSummary& summary, const std::string& path) {
  std::vector<std::string> readable;
  for (const VariableSummary& variable : summary.variables) {
    if (variable.problem.empty()) readable.push_back(variable.name);
  }
  if (readable.size() == 1) return readable.front();
  std::vector<std::string> others;
  for (const std::string& name : readable) {
    if (others.size() < 2 && !is_scale(file, name)) others.push_back(name);
  }
  if (others.size() == 1) return others.front();
  if (summary.variables.empty()) throw Error(path + ": the file has no arrays");
  if (readable.empty()) {
    const VariableSummary& first = summary.variables.front();
    throw FormatError(path + ":" + first.name + ": " + first.problem);
  }
  throw ArgumentError(
      path + ": the file has several arrays; add one of their names after a colon: " + list_names(summary));
}

}  // namespace

FileSummary summarize(hid_t file) {
  const LibraryLock lock;
  FileSummary summary;
  summary.format = has_netcdf_marks(file, H5I_INVALID_HID) ? "netcdf4" : "hdf5";
  summary.attributes = read_attributes(file);
  Walk walk(summary);
  const Handle root(H5Gopen2(file, "/", H5P_DEFAULT));
  if (root && walk.enter(root.get())) walk.visit(root.get(), "", 0);
  return summary;
}

std::string choose_variable(hid_t file, const std::string& path, const std::string& variable) {
  const LibraryLock lock;
  if (variable.empty()) return choose_variable(file, path, only_variable(file, summarize(file), path));
  std::string hidden = variable;
  hidden.insert(hidden.rfind('/') + 1, kNotCoordinate);
  if (is_dataset(file, hidden)) return hidden;
  if (is_dataset(file, variable)) return variable;
  const Handle object = open_object(file, variable);
  const std::string message = take_error_message();
  const FileSummary summary = summarize(file);
  if (object)
    throw ArgumentError(path + ": \"" + variable + "\" is " + kind_without_values(object.get()) +
                        "; the file has: " + list_names(summary));
  const auto same = [&](const VariableSummary& candidate) { return candidate.name == variable; };
  if (std::any_of(summary.variables.begin(), summary.variables.end(), same)) {
    throw FormatError(path + ":" + variable + ": cannot open: " + message);
  }
  throw ArgumentError(path + ": there is no array \"" + variable +
                      "\"; the file has: " + list_names(summary));
}

}  // namespace varve::io::hdf5
