#include "cli/guarded_inputs.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "cli/dataset_name.hpp"
#include "cli/guard.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

// Looks at what the outputs take along: attributes, and the coordinates beside a variable.
void look_around(const Array& array, const DatasetName& input) {
  const std::size_t slash = input.variable.rfind('/');
  const std::string group = slash == std::string::npos ? "" : input.variable.substr(0, slash + 1);
  for (const AxisLabel& label : axis_labels(array)) {
    if (label.name.empty()) continue;
    try {
      static_cast<void>(describe(input.path, group + label.name));
    } catch (const Error&) {  // no such variable, or one that cannot be read
    }
  }
}

void add_input(const std::string& text, const Options& options, std::vector<GuardedStep>& steps) {
  const DatasetName input = input_name(text);
  if (!needs_guard(input.path)) return;
  steps.push_back(guarded_step(input.path, [input, &options] {
    const Array array = open(input.path, input.variable, {.raw = options.raw});
    if (!options.outputs.empty()) look_around(array, input);
  }));
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
  run_guarded(steps);
}

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw StorageError(fmt::format("cannot write to the standard output: {}", std::strerror(errno)));
  }
}

}  // namespace varve::cli
