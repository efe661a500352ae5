#include "cli/dataset_name.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
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

bool ends_like_output(const std::string& path) { return !output_ending(path).empty(); }

// Splits at the last colon behind something that is a path; names of variables may have colons too.
std::optional<DatasetName> split_behind(const std::string& text, bool (*is_path)(const std::string&)) {
  for (std::size_t colon = text.rfind(':'); colon != std::string::npos && colon > 0;
       colon = text.rfind(':', colon - 1)) {
    if (is_path(text.substr(0, colon))) return DatasetName{text.substr(0, colon), text.substr(colon + 1)};
  }
  return std::nullopt;
}

// Errors: ArgumentError for the address of something on another machine.
void require_local(const std::string& text) {
  const std::size_t end = text.find("://");
  if (end == std::string::npos || end == 0 || exists(text)) return;
  const std::string scheme = text.substr(0, end);
  const bool word = std::all_of(scheme.begin(), scheme.end(),
                                [](unsigned char c) { return std::isalnum(c) != 0 || c == '+'; });
  if (!word) return;
  if (scheme == "file") throw ArgumentError(text + ": leave out file:// and write the path alone");
  throw ArgumentError(text +
                      ": is on another machine, and remote stores are not read or written; copy it to a disk "
                      "here, or mount it, and give its path");
}

}  // namespace

std::string_view output_ending(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  for (const std::string_view ending : kEndings) {
    if (path.ends_with(ending)) return ending;
  }
  return "";
}

DatasetName input_name(const std::string& text) {
  require_local(text);
  if (exists(text)) return {text, ""};
  // What ends like a file comes after what is one, so that a missing file has its right name in the message.
  if (auto name = split_behind(text, exists)) return *name;
  if (auto name = split_behind(text, ends_like_output)) return *name;
  return {text, ""};
}

DatasetName output_name(const std::string& text) {
  if (text.empty()) throw ArgumentError("the name of an output is empty; write a path, as in -o mean.nc:t");
  require_local(text);
  return split_behind(text, ends_like_output).value_or(DatasetName{text, ""});
}

std::string file_key(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path clean = fs::weakly_canonical(fs::absolute(path, error), error);
  return (clean.has_filename() ? clean : clean.parent_path()).string();
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
