#include <algorithm>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/dataset_name.hpp"
#include "cli/guard.hpp"
#include "cli/meetings.hpp"
#include "cli/run_outputs.hpp"
#include "io/variable_name.hpp"
#include "labels/kept_metadata.hpp"
#include "labels/source_variables.hpp"

namespace varve::cli {
namespace {

// Returns the variable with the 1-d variables of the same group that are named like its dimensions.
std::vector<std::string> with_coordinates(const VariableInfo& chosen, const FileInfo& file) {
  std::vector<std::string> names = {chosen.name};
  for (const std::string& dimension : chosen.dimension_names) {
    const std::string name = io::group_of(chosen.name) + dimension;
    for (const VariableInfo& variable : file.variables) {
      const bool lies_along = variable.name == name && variable.problem.empty() && variable.shape.size() == 1;
      if (lies_along && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
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

std::vector<std::string> names_to_copy(const FileInfo& file, const io::Location& from, const Destination& to,
                                       const Options& options) {
  if (!from.variable.empty()) {
    const VariableInfo& chosen = find_variable(file, from.variable);
    return to.place.format->keeps.several_arrays ? with_coordinates(chosen, file)
                                                 : std::vector<std::string>{chosen.name};
  }
  const std::vector<std::string> names = all_that_open(file, options);
  if (names.size() > 1 && (!to.variable.empty() || !to.place.format->keeps.several_arrays)) {
    throw UsageError(file.path + " holds " + std::to_string(names.size()) +
                     " variables and the output takes one; name it: " + file.path + ":" + names.front());
  }
  return names;
}

bool decodes(const Destination& to, const Options& options) {
  return options.decode || !to.place.format->keeps.attributes;  // nothing would say how to decode
}

// The version that was asked for, or that of the file: of use where the output's format has it too.
int version_of(const FileInfo& file, const Options& options) {
  const io::Format* format = io::format_named(file.format);
  return options.zarr_format == 0 && format != nullptr ? format->version : options.zarr_format;
}

// The chunks that were asked for, if they fit; else those of the file.
Chunks chunks_of(const VariableInfo& variable, const Options& options) {
  if (options.chunks && options.chunks->size() == variable.shape.size()) return options.chunks;
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
                 const Destination& to, const Options& options) {
  const bool decode = decodes(to, options);
  const std::string name = to.place.format->keeps.several_arrays ? variable.name : "";
  Output output{open_guarded(file.path, variable.name, {.raw = !decode}), to.place.path, name,
                save_options(options, *to.place.format, !to.variable.empty())};
  SaveOptions& save = output.options;
  save.keep_labels = false;  // all is said here
  if (to.place.format->keeps.several_arrays) save.chunks = chunks_of(variable, options);
  if (decode)
    labels::keep_decoded_metadata(variable, save);
  else
    labels::keep_metadata(variable, *to.place.format, save);
  labels::keep_group_metadata(file, from_variable, save);
  warn_of_left_out(file.path + ":" + variable.name, variable.left_out, options);
  return output;
}

// The first output gets the name; its coordinates stay beside it, in the same group.
void rename(const std::string& name, std::vector<Output>& outputs) {
  for (Output& output : outputs) {
    output.variable = &output == &outputs.front() ? name : io::group_of(name) + io::base_of(output.variable);
  }
}

/// What is copied, in the order of the outputs.
struct Copied {
  const FileInfo& file;
  std::vector<std::string> names;
};

// Coordinates that the updated file has and keeps are those of the copied variable, or it is refused: other
// variables of the file run along them.
void keep_coordinates(const Destination& to, const Copied& from, const Options& options,
                      std::vector<Output>& outputs) {
  if (outputs.front().options.existing != Existing::update) return;
  const std::vector<std::string> kept =
      guarded(to.place.path, [&] { return kept_variables(to.place.path, {to.variable}); });
  const labels::Surroundings surroundings = label_surroundings(options);
  labels::SourceVariables variables(surroundings);
  std::vector<Output> written = {outputs.front()};
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    const std::string& name = outputs[i].variable;
    if (std::find(kept.begin(), kept.end(), without_root(name)) == kept.end()) {
      written.push_back(outputs[i]);
    } else if (!variables.are_same({from.file.path, from.names[i]}, {to.place.path, name})) {
      throw UsageError(to.place.path + ":" + name + " differs from that of " + from.file.path +
                       " and belongs to other variables too; write another file");
    }
  }
  outputs = std::move(written);
}

}  // namespace

void convert_command(const Options& options) {
  const Runtime runtime(options.runtime);
  const io::Location from = io::input_location(options.dataset);
  const FileInfo file = guarded(from.path, [&] { return describe(from.path); });
  const Destination to = destination(options.destination, version_of(file, options));
  std::vector<Output> outputs;
  const std::vector<std::string> names = names_to_copy(file, from, to, options);
  for (const std::string& name : names) {
    outputs.push_back(output_of(find_variable(file, name), file, from.variable, to, options));
  }
  warn_of_left_out(file.path, file.left_out, options);
  if (!to.variable.empty()) rename(to.variable, outputs);
  keep_coordinates(to, {file, names}, options, outputs);
  require_options_apply(options, {to.place.format});
  const bool used = std::any_of(outputs.begin(), outputs.end(), [&](const Output& output) {
    return options.chunks && output.array.ndim() == options.chunks->size();
  });
  if (options.chunks && !used) {
    throw UsageError("--chunks " + to_string(*options.chunks) + ": no copied variable has as many axes");
  }
  require_written(run_outputs(outputs, options).report);
}

}  // namespace varve::cli
