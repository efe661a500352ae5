#include "api/cf_encoding.hpp"
#include "io/format.hpp"
#include "varve/storage.hpp"

namespace varve {
namespace {

// Only descriptions count the chunks of a Zarr: a look at every key is too dear for whoever only reads.
std::int64_t stored_bytes(const std::string& path, const std::string& name, const io::DatasetInfo& info) {
  if (info.stored_bytes >= 0 || !info.format.starts_with("zarr")) return info.stored_bytes;
  return io::count_zarr_bytes(path, name);
}

VariableInfo describe_dataset(const std::string& path, const std::string& name, const io::DatasetInfo& info) {
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
  variable.stored_bytes = stored_bytes(path, name, info);
  const api::CfEncoding encoding = api::cf_encoding(info);
  variable.fill_attribute = encoding.fill_attribute;
  variable.implied_fill = encoding.implied_fill;
  variable.implied_by_netcdf = encoding.implied_by_netcdf;
  variable.decoded = encoding.decoded();
  variable.missing = encoding.missing;
  variable.least = encoding.least;
  variable.most = encoding.most;
  return variable;
}

VariableInfo describe_variable(const std::string& path, const io::VariableSummary& summary) {
  VariableInfo variable;
  variable.name = summary.name;
  variable.problem = summary.problem;
  if (!variable.problem.empty()) return variable;
  try {
    return describe_dataset(path, summary.name, io::open_dataset(path, summary.name)->info());
  } catch (const Error& error) {
    variable.problem = error.what();  // one damaged array does not hide the others
    return variable;
  }
}

}  // namespace

FileInfo describe(const std::string& path, const std::string& variable) {
  const io::FileSummary summary = io::summarize_file(path);
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
  if (!variable.empty()) {
    info.variables.push_back(describe_dataset(path, variable, io::open_dataset(path, variable)->info()));
    return info;
  }
  for (const io::VariableSummary& found : summary.variables) {
    info.variables.push_back(describe_variable(path, found));
  }
  return info;
}

}  // namespace varve
