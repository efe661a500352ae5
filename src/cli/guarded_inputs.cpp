#include "cli/guarded_inputs.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "cli/dataset_name.hpp"
#include "cli/guard.hpp"
#include "cli/source_variables.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

// Looks at what is looked at beside the values: attributes, and the coordinates of axes.
void look_around(const Array& array, const DatasetName& input) {
  SourceVariables variables;
  static_cast<void>(variables.find(input.path, input.variable));
  for (const AxisLabel& label : axis_labels(array)) {
    if (!label.positions) continue;
    for (const AxisSource& axis : label.positions->sources())
      static_cast<void>(variables.coordinate_of(axis));
  }
}

void add_input(const std::string& text, const Options& options, std::vector<GuardedStep>& steps) {
  const DatasetName input = input_name(text);
  if (!needs_guard(input.path)) return;
  steps.push_back(guarded_step(input.path, [input, &options] {
    const Array array = open(input.path, input.variable, {.raw = options.raw});
    look_around(array, input);
  }));
}

// A file that is replaced variable by variable is read for what it keeps.
void add_updated(const std::string& text, std::vector<GuardedStep>& steps) {
  const DatasetName output = output_name(text);
  if (output.variable.empty() || !needs_guard(output.path)) return;
  steps.push_back(guarded_step(output.path, [output] { static_cast<void>(describe(output.path)); }));
}

}  // namespace

void try_inputs(const Options& options) {
  std::vector<GuardedStep> steps;
  std::set<std::string> known;
  for (const std::string& text : options.inputs) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) continue;  // the command will say what is wrong
    const std::string input = text.substr(equals + 1);
    if (known.insert(input).second) add_input(input, options, steps);
  }
  if (options.command == Command::convert) {
    const DatasetName input = input_name(options.dataset);
    if (needs_guard(input.path)) {
      steps.push_back(guarded_step(input.path, [input] { static_cast<void>(describe(input.path)); }));
    }
  }
  if (options.existing == Existing::overwrite) {
    for (const std::string& output : options.outputs) add_updated(output, steps);
    if (options.command == Command::convert) add_updated(options.destination, steps);
  }
  run_guarded(steps);
}

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw StorageError(fmt::format("cannot write to the standard output: {}", std::strerror(errno)));
  }
}

}  // namespace varve::cli
