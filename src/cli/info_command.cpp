#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/guard.hpp"
#include "cli/text_table.hpp"
#include "io/location.hpp"

namespace varve::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxAttributeLevels = 64;   // JSON nested deeper is shown as it stands
constexpr std::size_t kMaxAttributeColumns = 100;  // of one value in the readable form

// Bounds the recursion of whatever walks over attributes that come from a file.
bool is_shallow(const std::string& text) {
  std::int64_t level = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++level;
    if (level > kMaxAttributeLevels) return false;
    if (c == ']' || c == '}') --level;
  }
  return true;
}

// Returns the attributes as an object; text that is none becomes a string.
Json attributes_of(const std::string& text) {
  if (text.empty()) return Json::object();
  if (!is_shallow(text)) return Json(text);
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(text) : json;
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::int64_t dense_bytes(const VariableInfo& variable) {
  return element_count(variable.shape) * size_bytes(variable.dtype);
}

std::string ratio(const VariableInfo& variable) {
  if (variable.stored_bytes.value_or(0) == 0) return "";
  return fmt::format(
      "{:.2f}", static_cast<double>(dense_bytes(variable)) / static_cast<double>(*variable.stored_bytes));
}

std::string stored(const VariableInfo& variable) {
  return variable.stored_bytes ? format_bytes(*variable.stored_bytes) : "";
}

Json dtypes_json(const AttributeDTypes& dtypes) {
  Json json = Json::object();
  for (const auto& [name, dtype] : dtypes) json[name] = name_of(dtype);
  return json;
}

Json variable_json(const VariableInfo& variable) {
  if (!variable.problem.empty()) return {{"name", variable.name}, {"problem", variable.problem}};
  Json json = {{"name", variable.name},
               {"dtype", name_of(variable.dtype)},
               {"shape", std::vector<std::int64_t>(variable.shape.begin(), variable.shape.end())},
               {"chunks", std::vector<std::int64_t>(variable.chunks.begin(), variable.chunks.end())},
               {"layout", variable.layout},
               {"codecs", variable.codecs},
               {"byte_order", variable.byte_order},
               {"dimension_names", variable.dimension_names},
               {"bytes", dense_bytes(variable)},
               {"attributes", attributes_of(variable.attributes)},
               {"attribute_dtypes", dtypes_json(variable.attribute_dtypes)}};
  json["stored_bytes"] = variable.stored_bytes ? Json(*variable.stored_bytes) : Json();
  json["decoded_dtype"] = name_of(variable.decoded);
  json["fill_value"] = variable.fill_value.empty() ? Json() : Json(variable.fill_value);
  return json;
}

std::string file_json(const FileInfo& file) {
  Json json = {{"path", file.path},
               {"format", file.format},
               {"attributes", attributes_of(file.attributes)},
               {"attribute_dtypes", dtypes_json(file.attribute_dtypes)}};
  json["variables"] = Json::array();
  for (const VariableInfo& variable : file.variables) json["variables"].push_back(variable_json(variable));
  // Names in files need not be UTF-8: bytes that are not become U+FFFD.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string dumped(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>()
                                       : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMaxAttributeColumns) text = text.substr(0, kMaxAttributeColumns - 3) + "...";
  return text;
}

void print_attributes(const std::string& text) {
  const Json attributes = attributes_of(text);
  if (attributes.empty()) return;
  fmt::print("\nattributes\n");
  if (!attributes.is_object()) return fmt::print("  {}\n", printable(dumped(attributes)));
  for (const auto& [name, value] : attributes.items()) {
    fmt::print("  {}: {}\n", printable(name), printable(dumped(value)));
  }
}

void print_table(const FileInfo& file) {
  TextTable table({"name", "dtype", "shape", "chunks", "codecs", "bytes", "stored", "ratio", "dimensions"});
  for (const VariableInfo& variable : file.variables) {
    if (!variable.problem.empty()) continue;
    table.add({variable.name, std::string(name_of(variable.dtype)), to_string(variable.shape),
               variable.chunks.empty() ? "-" : to_string(variable.chunks),
               variable.codecs.empty() ? "none" : variable.codecs, format_bytes(dense_bytes(variable)),
               stored(variable), ratio(variable), joined(variable.dimension_names)});
  }
  fmt::print("{}", table.text());
}

void print_problems(const FileInfo& file) {
  for (const VariableInfo& variable : file.variables) {
    if (variable.problem.empty()) continue;
    fmt::print("{} cannot be opened: {}\n", printable(variable.name), printable(variable.problem));
  }
}

// Says what `open` makes of the stored numbers; empty if it leaves them alone.
std::string decoding(const VariableInfo& variable) {
  std::vector<std::string> missing;
  for (const Scalar& value : variable.missing) missing.push_back(to_string(value));
  if (variable.valid_min) missing.push_back("below " + to_string(*variable.valid_min));
  if (variable.valid_max) missing.push_back("above " + to_string(*variable.valid_max));
  if (missing.empty() && variable.decoded == variable.dtype) return "";
  const std::string nan =
      missing.empty() ? "" : fmt::format(", NaN where stored as {}", fmt::join(missing, " or "));
  return std::string(name_of(variable.decoded)) + nan;
}

void print_variable(const FileInfo& file, const VariableInfo& variable) {
  const auto line = [](const char* name, const std::string& value) {
    if (!value.empty()) fmt::print("{:<12} {}\n", name, printable(value));
  };
  line("file", file.path);
  line("format", file.format);
  line("name", variable.name);
  if (!variable.problem.empty()) return line("problem", variable.problem);
  line("dtype", std::string(name_of(variable.dtype)));
  line("byte order", variable.byte_order);
  line("shape", to_string(variable.shape));
  line("dimensions", joined(variable.dimension_names));
  if (!variable.chunks.empty()) {
    line("chunks", to_string(variable.chunks));
    line("chunk count", std::to_string(ChunkGrid(variable.shape, variable.chunks).chunk_count()));
  }
  line("layout", variable.layout);
  line("codecs", variable.codecs);
  line("fill value", variable.fill_value);
  line("decodes to", decoding(variable));
  line("bytes", format_bytes(dense_bytes(variable)));
  line("stored", stored(variable));
  line("ratio", ratio(variable));
  print_attributes(variable.attributes);
}

}  // namespace

void info_command(const Options& options) {
  const io::Location name = io::input_location(options.dataset);
  const FileInfo file = guarded(name.path, [&] { return describe(name.path, name.variable); });
  if (options.json) return fmt::print("{}\n", file_json(file));
  if (!name.variable.empty() && file.variables.size() == 1)
    return print_variable(file, file.variables.front());
  fmt::print("{}: {}, {} variable{}\n\n", printable(file.path), file.format, file.variables.size(),
             file.variables.size() == 1 ? "" : "s");
  print_table(file);
  print_problems(file);
  print_attributes(file.attributes);
}

}  // namespace varve::cli
