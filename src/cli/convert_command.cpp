#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/dataset_name.hpp"
#include "cli/run_outputs.hpp"

namespace varve::cli {
namespace {

bool holds_several(const std::string& path) { return !path.ends_with(".npy"); }

// Returns the variable with the 1-d variables of the same group that are named like its dimensions.
std::vector<std::string> with_coordinates(const VariableInfo& chosen, const FileInfo& file) {
  std::vector<std::string> names = {chosen.name};
  const std::size_t slash = chosen.name.rfind('/');
  const std::string group = slash == std::string::npos ? "" : chosen.name.substr(0, slash + 1);
  for (const std::string& dimension : chosen.dimension_names) {
    const std::string name = group + dimension;
    for (const VariableInfo& variable : file.variables) {
      const bool is_coordinate =
          variable.name == name && variable.problem.empty() && variable.shape.size() == 1;
      if (is_coordinate && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string_view without_root(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('/'), name.size()));
}

const VariableInfo& find_variable(const FileInfo& file, const std::string& name) {
  const auto found = std::find_if(
      file.variables.begin(), file.variables.end(),
      [&](const VariableInfo& variable) { return without_root(variable.name) == without_root(name); });
  if (found == file.variables.end()) throw StorageError(file.path + ": there is no variable '" + name + "'");
  return *found;
}

std::vector<std::string> all_that_open(const FileInfo& file, const Options& options) {
  std::vector<std::string> names;
  for (const VariableInfo& variable : file.variables) {
    if (variable.problem.empty())
      names.push_back(variable.name);
    else
      warn(options, file.path + ":" + variable.name + " is left out: " + variable.problem);
  }
  if (names.empty()) throw FormatError(file.path + ": none of its variables can be opened");
  return names;
}

std::vector<std::string> names_to_copy(const FileInfo& file, const DatasetName& from, const DatasetName& to,
                                       const Options& options) {
  if (!from.variable.empty()) {
    const VariableInfo& chosen = find_variable(file, from.variable);
    return holds_several(to.path) ? with_coordinates(chosen, file) : std::vector<std::string>{chosen.name};
  }
  const std::vector<std::string> names = all_that_open(file, options);
  if (names.size() > 1 && (!to.variable.empty() || !holds_several(to.path))) {
    throw UsageError(file.path + " holds " + std::to_string(names.size()) +
                     " variables and the output takes one; name it: " + file.path + ":" + names.front());
  }
  return names;
}

// Zarr v2 keeps the number that means "missing" beside the attributes, under the conditions below; other
// formats keep it among them.
std::string stored_attributes(const VariableInfo& variable, const std::string& format) {
  if (format != "zarr v2" || variable.fill_value.empty() || variable.dimension_names.empty()) {
    return variable.attributes;
  }
  auto attributes = nlohmann::json::parse(variable.attributes, nullptr, false);
  const auto fill = nlohmann::json::parse(variable.fill_value, nullptr, false);
  const bool packed = attributes.contains("scale_factor") || attributes.contains("add_offset");
  const bool means_missing = fill.is_number() && (fill != 0 || packed);
  if (!means_missing || !attributes.is_object() || attributes.contains("_FillValue"))
    return variable.attributes;
  attributes["_FillValue"] = fill;
  return attributes.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Output output_of(const VariableInfo& variable, const FileInfo& file, const DatasetName& to,
                 const Options& options) {
  const std::string name = holds_several(to.path) ? variable.name : "";
  Output output{open(file.path, variable.name, {.raw = true}), to.path, name, save_options(options)};
  if (options.chunks.size() != variable.shape.size()) output.options.chunks = {};
  output.options.dimension_names = variable.dimension_names;
  output.options.attributes = stored_attributes(variable, file.format);
  return output;
}

}  // namespace

void convert_command(const Options& options) {
  const Runtime runtime(options.runtime);
  const DatasetName from = input_name(options.dataset);
  const DatasetName to = output_name(options.destination);
  const FileInfo file = describe(from.path);
  std::vector<Output> outputs;
  for (const std::string& name : names_to_copy(file, from, to, options)) {
    outputs.push_back(output_of(find_variable(file, name), file, to, options));
  }
  if (!to.variable.empty()) outputs.front().variable = to.variable;
  const bool used = std::any_of(outputs.begin(), outputs.end(),
                                [](const Output& output) { return !output.options.chunks.empty(); });
  if (!options.chunks.empty() && !used) {
    throw UsageError("--chunks " + to_string(options.chunks) + ": no copied variable has as many axes");
  }
  run_outputs(outputs, options);
}

}  // namespace varve::cli
