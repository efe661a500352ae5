#include "labels/output_labels.hpp"

#include <algorithm>

#include "labels/axis_naming.hpp"
#include "labels/output_metadata.hpp"

namespace varve::labels {
namespace {

bool keeps_labels(const Output& output) { return !output.path.empty() && output.options.keep_labels; }

// Where a format wants names, an array without one gets that of its source.
void name_variable(const Provenance& from, const io::Format& format, Output& output) {
  if (!output.variable.empty() || !format.keeps.source_names) return;
  output.variable = from.name.empty() ? "data" : from.name;
}

}  // namespace

std::vector<Output> with_kept_labels(std::vector<Output> outputs, SourceVariables& variables) {
  if (std::none_of(outputs.begin(), outputs.end(), keeps_labels)) return outputs;
  for (Output& output : outputs) {
    if (!keeps_labels(output)) continue;
    const Provenance from = provenance(output.array);
    const io::Format& format = *io::OutputPlace(output.path, output.options.zarr_format).format;
    name_variable(from, format, output);
    keep_source_metadata(from, format, variables, output);
  }
  std::vector<Output> coordinates = name_axes(outputs, variables);
  for (Output& coordinate : coordinates) outputs.push_back(std::move(coordinate));
  for (Output& output : outputs)
    output.options.keep_labels = output.options.keep_labels && output.path.empty();
  return outputs;
}

}  // namespace varve::labels
