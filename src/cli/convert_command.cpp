#include <algorithm>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/dataset_name.hpp"
#include "cli/guard.hpp"
#include "cli/kept_metadata.hpp"
#include "cli/run_outputs.hpp"
#include "cli/source_variables.hpp"

namespace varve::cli {
namespace {

bool holds_several(const std::string& path) { return output_ending(path) != ".npy"; }

// Returns the variable with the 1-d variables of the same group that are named like its dimensions.
std::vector<std::string> with_coordinates(const VariableInfo& chosen, const FileInfo& file) {
  std::vector<std::string> names = {chosen.name};
  for (const std::string& dimension : chosen.dimension_names) {
    const std::string name = group_of(chosen.name) + dimension;
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
  if (found == file.variables.end()) throw UsageError(file.path + ": there is no variable '" + name + "'");
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

bool decodes(const DatasetName& to, const Options& options) {
  return options.decode || output_ending(to.path) == ".npy";  // npy has no attributes that say how to decode
}

// The chunks that were asked for, if they fit; else those of the file.
Shape chunks_of(const VariableInfo& variable, const Options& options) {
  if (!options.chunks.empty() && options.chunks.size() == variable.shape.size()) return options.chunks;
  if (variable.layout != "chunked") return {};
  Shape chunks = variable.chunks;
  for (std::int64_t& extent : chunks) extent = std::max<std::int64_t>(extent, 1);
  return chunks;
}

void warn_of_left_out(const std::string& where, const std::vector<std::string>& attributes,
                      const Options& options) {
  for (const std::string& attribute : attributes)
    warn(options, where + ": left out is the attribute " + attribute);
}

Output output_of(const VariableInfo& variable, const FileInfo& file, const std::string& from_variable,
                 const DatasetName& to, const Options& options) {
  const bool decode = decodes(to, options);
  const std::string name = holds_several(to.path) ? variable.name : "";
  Output output{open_guarded(file.path, variable.name, {.raw = !decode}), to.path, name,
                save_options(options, to.path, !to.variable.empty())};
  SaveOptions& save = output.options;
  if (holds_several(to.path)) save.chunks = chunks_of(variable, options);
  if (options.zarr_format == 0 && file.format == "zarr v2") save.zarr_format = 2;
  if (decode)
    keep_decoded_metadata(variable, save);
  else
    keep_metadata(variable, to.path, save);
  keep_group_metadata(file, from_variable, save);
  warn_of_left_out(file.path + ":" + variable.name, variable.left_out, options);
  return output;
}

// The first output gets the name; its coordinates stay beside it, in the same group.
void rename(const std::string& name, std::vector<Output>& outputs) {
  for (Output& output : outputs) {
    const std::string base = output.variable.substr(group_of(output.variable).size());
    output.variable = &output == &outputs.front() ? name : group_of(name) + base;
  }
}

// Coordinates that the updated file has and keeps are those of the copied variable, or it is refused: other
// variables of the file run along them. `names`: of the outputs, in the source.
void keep_coordinates(const DatasetName& to, const FileInfo& file, const std::vector<std::string>& names,
                      std::vector<Output>& outputs) {
  if (outputs.front().options.existing != Existing::update) return;
  const std::vector<std::string> kept =
      guarded(to.path, [&] { return kept_variables(to.path, {to.variable}); });
  SourceVariables variables;
  std::vector<Output> written = {outputs.front()};
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    const std::string& name = outputs[i].variable;
    if (std::find(kept.begin(), kept.end(), without_root(name)) == kept.end()) {
      written.push_back(outputs[i]);
    } else if (!variables.are_same({file.path, names[i]}, {to.path, name})) {
      throw UsageError(to.path + ":" + name + " differs from that of " + file.path +
                       " and belongs to other variables too; write another file");
    }
  }
  outputs = std::move(written);
}

}  // namespace

void convert_command(const Options& options) {
  const Runtime runtime(options.runtime);
  const DatasetName from = input_name(options.dataset);
  const DatasetName to = output_name(options.destination);
  const FileInfo file = guarded(from.path, [&] { return describe(from.path); });
  std::vector<Output> outputs;
  const std::vector<std::string> names = names_to_copy(file, from, to, options);
  for (const std::string& name : names) {
    outputs.push_back(output_of(find_variable(file, name), file, from.variable, to, options));
  }
  warn_of_left_out(file.path, file.left_out, options);
  if (!to.variable.empty()) rename(to.variable, outputs);
  keep_coordinates(to, file, names, outputs);
  require_options_apply(options, outputs);
  const bool used = std::any_of(outputs.begin(), outputs.end(), [&](const Output& output) {
    return output.array.ndim() == options.chunks.size();
  });
  if (!options.chunks.empty() && !used) {
    throw UsageError("--chunks " + to_string(options.chunks) + ": no copied variable has as many axes");
  }
  require_written(run_outputs(outputs, options).report);
}

}  // namespace varve::cli
