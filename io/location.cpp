#include "io/location.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include "io/formats.hpp"
#include "io/store/stores.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr std::string_view kFile = "file";
constexpr std::string_view kBehindScheme = "://";

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool ends_like_output(const std::string& path) { return format_of_ending(path) != nullptr; }

// Splits at the last colon behind something that is a path.
std::optional<Location> split_behind(const std::string& text, bool (*is_path)(const std::string&)) {
  for (std::size_t colon = text.rfind(':'); colon != std::string::npos && colon > 0;
       colon = text.rfind(':', colon - 1)) {
    if (is_path(text.substr(0, colon))) return Location{text.substr(0, colon), text.substr(colon + 1)};
  }
  return std::nullopt;
}

// "s3" of "s3://bucket/x"; "" where the text is a path.
std::string scheme_of(const std::string& text) {
  const std::size_t end = text.find(kBehindScheme);
  if (end == std::string::npos || exists(text)) return "";
  const std::string scheme = text.substr(0, end);
  const bool is_word = std::all_of(scheme.begin(), scheme.end(),
                                   [](unsigned char c) { return std::isalnum(c) != 0 || c == '+'; });
  return is_word ? scheme : "";
}

[[noreturn]] void refuse_address(const std::string& text) {
  throw ArgumentError(text + ": names no file here; leave out file:// and write the path alone");
}

[[noreturn]] void refuse_scheme(const std::string& text) {
  std::string known;
  for (const Store& store : stores())
    known += (known.empty() ? "" : ", ") + std::string(store.scheme) + std::string(kBehindScheme);
  throw ArgumentError(
      text +
      ": is on another machine, and remote stores are not read or written (addresses that are "
      "known begin with " +
      known + "); copy it to a disk here, or mount it, and give its path");
}

// Returns what the address of a file says without the scheme; any other text as it is. A host, or letters
// that an address spells with %, are not read. Errors: ArgumentError.
std::string path_in(const std::string& text) {
  const std::string scheme = scheme_of(text);
  if (scheme.empty()) return text;
  if (scheme != kFile) refuse_scheme(text);
  std::string path = text.substr(kFile.size() + kBehindScheme.size());
  if (!path.starts_with('/') || path.find('%') != std::string::npos) refuse_address(text);
  return path;
}

}  // namespace

Location opened_location(const std::string& text) {
  if (exists(text)) return {text, ""};
  return split_behind(text, exists).value_or(Location{text, ""});
}

Location input_location(const std::string& text) {
  const std::string path = path_in(text);
  Location found = opened_location(path);
  if (exists(found.path)) return found;
  if (path != text) refuse_address(text);
  // What ends like a file comes after what is one, so that a missing file has its right name in the message.
  return split_behind(path, ends_like_output).value_or(std::move(found));
}

Location output_location(const std::string& text) {
  if (text.empty()) throw ArgumentError("the name of an output is empty; write a path, as in -o mean.nc:t");
  const std::string path = path_in(text);
  return split_behind(path, ends_like_output).value_or(Location{path, ""});
}

}  // namespace varve::io
