#include "labels/output_metadata.hpp"

#include <set>

#include "labels/kept_metadata.hpp"

namespace varve::labels {
namespace {

// What one source says of the output's values.
SaveOptions said_by(const VariableInfo& variable, const Provenance& from, const io::Format& format,
                    const Output& output) {
  SaveOptions options = output.options;
  if (from.stored && variable.dtype == output.array.node()->dtype) {
    keep_metadata(variable, format, options);
  } else {
    keep_decoded_metadata(variable, options);
  }
  drop_references(options);
  if (!(output.array.node()->shape == variable.shape)) drop_observed_range(options);
  if (from.kind == Provenance::Kind::quantity) keep_quantity_metadata(options);
  return options;
}

void keep_variable_metadata(const Provenance& from, const io::Format& format, SourceVariables& variables,
                            Output& output) {
  bool first = true;
  for (const ValueSource& source : from.sources) {
    const SourceVariable* found = variables.find(source.path, source.variable);
    if (found == nullptr) continue;
    const SaveOptions said = said_by(found->info, from, format, output);
    if (first) {
      output.options.attributes = said.attributes;
      output.options.attribute_dtypes = said.attribute_dtypes;
      output.options.fill_value = said.fill_value;
    } else {
      keep_common_metadata(said, output.options);
    }
    first = false;
  }
}

}  // namespace

void keep_source_metadata(const Provenance& from, const io::Format& format, SourceVariables& variables,
                          Output& output) {
  if (!format.keeps.attributes) return;
  if (output.options.attributes.empty()) keep_variable_metadata(from, format, variables, output);
  // An array without a group above it has none of its own.
  if (output.variable.empty() || output.options.group_attributes.contains("")) return;
  SaveOptions common;
  bool first = true;
  std::set<std::string> seen;
  for (const ValueSource& input : from.inputs) {
    const SourceVariable* found =
        seen.insert(input.path).second ? variables.find(input.path, input.variable) : nullptr;
    if (found == nullptr) continue;
    SaveOptions other;
    other.attributes = found->file->attributes;
    other.attribute_dtypes = found->file->attribute_dtypes;
    if (first)
      common = other;
    else
      keep_common_metadata(other, common);
    first = false;
  }
  if (first) return;
  output.options.group_attributes[""] = common.attributes;
  output.options.group_attribute_dtypes[""] = common.attribute_dtypes;
}

}  // namespace varve::labels
