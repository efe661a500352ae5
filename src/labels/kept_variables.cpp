#include "labels/kept_variables.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "io/variable_name.hpp"
#include "varve/core/error.hpp"
#include "varve/storage.hpp"

namespace varve {
namespace labels {
namespace {

Datasets datasets_of(const std::string& path, const io::FileSummary& file) {
  Datasets datasets;
  for (const io::VariableSummary& variable : file.variables) {
    if (!variable.problem.empty())
      refuse_to_lose(path, "its array \"" + variable.name + "\"", variable.problem);
    datasets.emplace(variable.name, io::open_dataset(path, variable.name));
  }
  return datasets;
}

// Returns the name of the coordinate along an axis of an array in a group: that of the innermost group around
// it which has one. "" if there is none.
std::string coordinate_in(std::string group, const std::string& dimension, std::int64_t extent,
                          const Datasets& datasets) {
  for (;;) {
    const auto found = datasets.find(group + dimension);
    const bool fits = found != datasets.end() &&
                      io::is_coordinate(found->first, found->second->info().dimension_names) &&
                      found->second->info().shape == Shape{extent};
    if (fits) return found->first;
    if (group.empty()) return "";
    group.pop_back();
    group = io::group_of(group);
  }
}

std::set<std::string> coordinates_of(const std::string& name, const io::DatasetInfo& info,
                                     const Datasets& datasets) {
  std::set<std::string> coordinates;
  for (std::size_t axis = 0; axis < info.dimension_names.size(); ++axis) {
    const std::int64_t extent = info.shape[static_cast<std::int64_t>(axis)];
    coordinates.insert(coordinate_in(io::group_of(name), info.dimension_names[axis], extent, datasets));
  }
  coordinates.erase("");
  return coordinates;
}

// Drops replaced arrays, and the coordinates that nothing else needs.
void drop_replaced(const std::vector<std::string>& replaced, Datasets& datasets) {
  const std::set<std::string> names(replaced.begin(), replaced.end());
  std::set<std::string> orphaned;
  std::set<std::string> needed;
  for (const auto& [name, dataset] : datasets) {
    if (io::is_coordinate(name, dataset->info().dimension_names)) continue;
    (names.contains(name) ? orphaned : needed).merge(coordinates_of(name, dataset->info(), datasets));
  }
  std::erase_if(datasets, [&](const auto& entry) {
    const std::string& name = entry.first;
    return names.contains(name) || (orphaned.contains(name) && !needed.contains(name));
  });
}

}  // namespace

void refuse_to_lose(const std::string& path, const std::string& what, const std::string& why) {
  throw ArgumentError(path + ": " + what + " cannot be kept: " + why +
                      "; write another file, or replace this one whole");
}

Datasets kept_datasets(const std::string& path, const io::FileSummary& file,
                       const std::vector<std::string>& replaced) {
  Datasets datasets = datasets_of(path, file);
  drop_replaced(replaced, datasets);
  return datasets;
}

}  // namespace labels

std::vector<std::string> kept_variables(const std::string& path, const std::vector<std::string>& replaced) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  std::vector<std::string> names;
  for (const auto& [name, dataset] : labels::kept_datasets(path, io::summarize_file(path), replaced))
    names.push_back(name);
  return names;
}

}  // namespace varve
