#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "varve/core/dims.hpp"

namespace varve::io {

/// Parses JSON from a file. Beyond the standard it takes NaN, Infinity and -Infinity, which Python writes.
/// Errors: FormatError naming `what` if the text is not JSON or nests more than 64 levels.
[[nodiscard]] nlohmann::json parse_json(const std::string& text, const std::string& what);

/// Formats JSON for a file: valid UTF-8, indented by two; NaN and infinities become the strings "NaN",
/// "Infinity", "-Infinity", because JSON has no such numbers.
[[nodiscard]] std::string format_json(const nlohmann::json& value);

/// Gives access to the members of a JSON object from a file; every wrong type is a FormatError naming file
/// and field.
class JsonObject {
 public:
  /// Errors: FormatError unless `value` is an object. Keeps a reference to it.
  JsonObject(const nlohmann::json& value, std::string what);

  /// Returns the member, or null (the C++ pointer) if it is absent or JSON null.
  [[nodiscard]] const nlohmann::json* find(const char* key) const;
  [[nodiscard]] const nlohmann::json& require(const char* key) const;
  [[nodiscard]] std::string require_string(const char* key) const;
  [[nodiscard]] std::string string_or(const char* key, const std::string& otherwise) const;
  [[nodiscard]] std::int64_t require_integer(const char* key) const;
  [[nodiscard]] std::int64_t integer_or(const char* key, std::int64_t otherwise) const;
  [[nodiscard]] const nlohmann::json& require_array(const char* key) const;
  /// Returns an array of at most 32 integers, none below `lowest`.
  [[nodiscard]] Shape require_shape(const char* key, std::int64_t lowest) const;
  [[nodiscard]] JsonObject require_object(const char* key) const;
  [[nodiscard]] const std::string& what() const noexcept { return what_; }
  [[nodiscard]] const nlohmann::json& value() const noexcept { return value_; }

  [[noreturn]] void fail(const std::string& problem) const;

 private:
  const nlohmann::json& value_;
  std::string what_;
};

}  // namespace varve::io
