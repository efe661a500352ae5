#include "api/cf_encoding.hpp"
#include "io/format.hpp"
#include "varve/storage.hpp"

namespace varve {
namespace {

// Text in files need not be valid UTF-8; a description shows what it can.
std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

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
  variable.attributes = json_text(info.attributes);
  variable.fill_value = info.fill_value ? to_string(*info.fill_value) : "";
  variable.fill = info.fill_value;
  variable.stored_bytes = stored_bytes(path, name, info);
  const api::CfEncoding encoding = api::cf_encoding(info);
  variable.implied_fill = encoding.implied_fill;
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
  info.attributes = json_text(summary.attributes);
  for (const auto& [group, attributes] : summary.group_attributes) {
    info.group_attributes.emplace(group, json_text(attributes));
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
