#include "api/written_places.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <unordered_set>

#include "expr/walk.hpp"
#include "io/format.hpp"
#include "io/location.hpp"
#include "io/store/file_place.hpp"
#include "varve/core/error.hpp"

namespace varve::api {
namespace {

namespace fs = std::filesystem;

struct Place {
  std::string name;  ///< for messages
  io::FilePlace place;
  const char* advice = "write another file";
  bool is_output = false;
};

std::vector<Place> read_places(const std::vector<Array>& inputs) {
  std::unordered_set<const expr::Node*> seen;
  std::set<std::pair<std::string, std::string>> sources;
  for (const Array& input : inputs) {
    expr::walk(*input.node(), seen, [&](const expr::Node& node) {
      const auto* source = node.as<expr::DatasetSource>();
      if (source == nullptr) return true;
      io::Location place = io::opened_location(source->dataset->info().location);
      sources.emplace(std::move(place.path), std::move(place.variable));
      return false;
    });
  }
  std::set<std::string> files;
  for (const auto& [path, variable] : sources) {
    for (std::string& file : io::files_behind(path, variable)) files.insert(std::move(file));
  }
  std::vector<Place> places;
  for (const std::string& file : files) places.push_back({file, io::FilePlace(file)});
  return places;
}

std::vector<Place> written_places(const std::vector<NamedPlace>& outputs, const RunOptions& options) {
  std::vector<Place> places;
  std::set<std::string> keys;
  for (const auto& [path, place, partial] : outputs) {
    if (!keys.insert(place.key()).second) continue;  // several arrays of one file
    places.push_back({path, place, "write another file", true});
    if (!partial.empty())
      places.push_back({path + ", called " + partial + " until it is whole,", io::FilePlace(partial),
                        "rename that, or write another file", true});
  }
  const char* rename = "give it another name";
  if (!options.report_path.empty())
    places.push_back({"the report " + options.report_path, io::FilePlace(options.report_path), rename});
  if (!options.trace_path.empty())
    places.push_back({"the trace " + options.trace_path, io::FilePlace(options.trace_path), rename});
  return places;
}

/// Says that one place is, contains or lies in the other, which has a role. Errors: ArgumentError.
[[noreturn]] void refuse_together(const Place& written, const Place& other, const std::string& role) {
  const bool same = written.place.is_same_as(other.place);
  const bool around = !same && written.place.contains(other.place);
  const std::string relation = same ? "is" : around ? "contains" : "lies inside";
  const bool evident = same && written.name == other.name;
  throw ArgumentError(written.name + (written.is_output ? ": " : " ") + relation + " " + role +
                      (evident ? "" : ", " + other.name) + "; " + written.advice);
}

/// Errors: ArgumentError if the file is there and looks like no report or trace, which begin with a bracket;
/// StorageError if it cannot be written. A run of hours may not end in a report that cannot.
void require_writable(const std::string& path, const std::string& what) {
  if (path.empty()) return;
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  const std::string writable = fs::exists(path, error) ? path : folder.empty() ? "." : folder.string();
  if (fs::is_directory(path, error) || ::access(writable.c_str(), W_OK) != 0)
    throw StorageError("the " + what + " " + path + ": cannot be written there");
  if (!fs::is_regular_file(path, error)) return;
  const int first = std::ifstream(path).get();
  if (first == '{' || first == '[' || first == std::char_traits<char>::eof()) return;
  throw ArgumentError("the " + what + " " + path +
                      ": there is a file of another kind, which is not replaced; give it another name");
}

}  // namespace

void require_apart(const std::vector<NamedPlace>& outputs, const std::vector<Array>& inputs,
                   const RunOptions& options) {
  const std::vector<Place> written = written_places(outputs, options);
  if (written.empty()) return;
  const std::vector<Place> read = read_places(inputs);
  io::FilePlaces of_inputs;
  for (const Place& other : read) of_inputs.add(other.place);
  io::FilePlaces before;
  for (const Place& place : written) {
    if (const auto other = of_inputs.find(place.place))
      refuse_together(place, read[*other], "an input of this run");
    if (const auto other = before.find(place.place))
      refuse_together(place, written[*other], "another file of this run");
    before.add(place.place);
  }
  require_writable(options.report_path, "report");
  require_writable(options.trace_path, "trace");
}

}  // namespace varve::api
