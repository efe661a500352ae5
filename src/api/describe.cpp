#include "io/format.hpp"
#include "varve/storage.hpp"

namespace varve {
namespace {

// Text in files need not be valid UTF-8; a description shows what it can.
std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

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
  variable.attributes = json_text(info.attributes);
  variable.fill_value = info.fill_value ? to_string(*info.fill_value) : "";
  variable.stored_bytes = info.stored_bytes;
  return variable;
}

VariableInfo describe_variable(const std::string& path, const io::VariableSummary& summary) {
  VariableInfo variable;
  variable.name = summary.name;
  variable.problem = summary.problem;
  if (!variable.problem.empty()) return variable;
  try {
    return describe_dataset(summary.name, io::open_dataset(path, summary.name)->info());
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
  if (!variable.empty()) {
    info.variables.push_back(describe_dataset(variable, io::open_dataset(path, variable)->info()));
    return info;
  }
  for (const io::VariableSummary& found : summary.variables) {
    info.variables.push_back(describe_variable(path, found));
  }
  return info;
}

}  // namespace varve
