#include "cli/dataset_name.hpp"

#include <filesystem>
#include <string_view>

#include "cli/syntax.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

constexpr std::string_view kEndings[] = {".zarr", ".h5", ".hdf5", ".nc", ".nc4", ".npy"};

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool ends_like_output(std::string_view path) { return !output_ending(path).empty(); }

}  // namespace

std::string_view output_ending(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  for (const std::string_view ending : kEndings) {
    if (path.ends_with(ending)) return ending;
  }
  return "";
}

DatasetName input_name(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || exists(text)) return {text, ""};
  const std::string path = text.substr(0, colon);
  // The second test gives a missing file its right name in the message.
  if (exists(path) || ends_like_output(path)) return {path, text.substr(colon + 1)};
  return {text, ""};
}

DatasetName output_name(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || !ends_like_output(text.substr(0, colon))) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

NamedInput named_input(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw ExpressionError("-i " + text + ": write -i NAME=PATH or -i NAME=PATH:VAR");
  const std::string name = text.substr(0, equals);
  if (!is_identifier(name)) {
    throw ExpressionError("-i " + text + ": '" + name + "' is not a name; use letters, digits and _");
  }
  return {name, input_name(text.substr(equals + 1))};
}

}  // namespace varve::cli
