#include "io/format.hpp"
#include "labels/cf_encoding.hpp"
#include "varve/storage.hpp"

namespace varve {
namespace {

VariableInfo describe_dataset(const std::string& name, const io::DatasetInfo& info) {
  VariableInfo variable;
  variable.name = name;
  variable.shape = info.shape;
  variable.dtype = info.dtype;
  variable.chunks = info.grid.chunks();
  variable.layout = info.layout;
  variable.codecs = info.codecs;
  variable.byte_order = info.byte_order;
  variable.dimension_names = info.dimension_names;
  variable.attributes = io::to_json_text(info.attributes);
  variable.attribute_dtypes = info.attributes.dtypes;
  variable.left_out = info.attributes.left_out;
  variable.fill_value = info.fill_value ? to_string(*info.fill_value) : "";
  variable.fill = info.fill_value;
  if (info.stored_bytes >= 0) variable.stored_bytes = info.stored_bytes;
  const labels::CfEncoding encoding = labels::cf_encoding(info);
  variable.fill_attribute = encoding.fill_attribute;
  variable.implied_fill = encoding.implied_fill;
  variable.implied_by_netcdf = encoding.implied_by_netcdf;
  variable.decoded = encoding.decoded();
  variable.missing = encoding.missing;
  variable.valid_min = encoding.valid_min;
  variable.valid_max = encoding.valid_max;
  return variable;
}

// Only descriptions of files count the chunks of a Zarr: a look at every key is too dear for who only reads.
VariableInfo describe_with_bytes(const std::string& path, const std::string& name) {
  const std::shared_ptr<const io::Dataset> dataset = io::open_dataset(path, name);
  VariableInfo variable = describe_dataset(name, dataset->info());
  const io::Format* format = io::format_named(dataset->info().format);
  if (!variable.stored_bytes && format != nullptr) {
    const std::int64_t bytes = format->count_stored_bytes(path, name);
    if (bytes >= 0) variable.stored_bytes = bytes;
  }
  return variable;
}

VariableInfo describe_if_whole(const std::string& path, const io::VariableSummary& summary) {
  VariableInfo variable;
  variable.name = summary.name;
  variable.problem = summary.problem;
  if (!variable.problem.empty()) return variable;
  try {
    return describe_with_bytes(path, summary.name);
  } catch (const Error& error) {
    variable.problem = error.what();  // one damaged array does not hide the others
    return variable;
  }
}

FileInfo without_variables(const std::string& path, const io::FileSummary& summary) {
  FileInfo info;
  info.path = path;
  info.format = summary.format;
  info.attributes = io::to_json_text(summary.attributes);
  info.attribute_dtypes = summary.attributes.dtypes;
  info.left_out = summary.attributes.left_out;
  for (const auto& [group, attributes] : summary.group_attributes) {
    info.group_attributes.emplace(group, io::to_json_text(attributes));
    info.group_attribute_dtypes.emplace(group, attributes.dtypes);
    for (const std::string& problem : attributes.left_out) info.left_out.push_back(group + "/" + problem);
  }
  return info;
}

}  // namespace

VariableInfo describe_variable(const std::string& path, const std::string& variable) {
  return describe_dataset(variable, io::open_dataset(path, variable)->info());
}

FileInfo describe_file(const std::string& path) { return without_variables(path, io::summarize_file(path)); }

FileInfo describe(const std::string& path, const std::string& variable) {
  const io::FileSummary summary = io::summarize_file(path);
  FileInfo info = without_variables(path, summary);
  if (!variable.empty()) {
    info.variables.push_back(describe_with_bytes(path, variable));
    return info;
  }
  for (const io::VariableSummary& found : summary.variables) {
    info.variables.push_back(describe_if_whole(path, found));
  }
  return info;
}

}  // namespace varve
