#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "varve/core/dtype.hpp"

namespace varve::io {

using AttributeDTypes = std::map<std::string, DType>;

/// The attributes of an array, a group or a file. Numbers are JSON numbers, NaN and infinities among them;
/// JSON knows no types, so the dtypes stand beside the values.
struct Attributes {
  Attributes() = default;
  Attributes(nlohmann::json object) : values(std::move(object)) {}
  Attributes(nlohmann::json::initializer_list_t members) : values(members) {}

  nlohmann::json values = nlohmann::json::object();
  AttributeDTypes dtypes;               ///< of numbers and lists of numbers, where the file tells them
  std::vector<std::string> left_out{};  ///< for people: "name: compound type", what `values` cannot hold

  [[nodiscard]] bool contains(const std::string& name) const { return values.contains(name); }
  void set(const std::string& name, nlohmann::json value, std::optional<DType> dtype = std::nullopt);
  void erase(const std::string& name);
  /// Takes over what `other` has.
  void update(const Attributes& other);
};

/// Formats as a JSON object that every reader takes: numbers that JSON lacks become "NaN", "Infinity",
/// "-Infinity", or, for a NaN of unusual bits whose dtype is known, "0x7fc00abc".
[[nodiscard]] std::string to_json_text(const Attributes& attributes);

/// Joins values and dtypes, and turns what `to_json_text` spelled into numbers again. A dtype whose attribute
/// is absent or no number of it is left out.
[[nodiscard]] Attributes with_dtypes(nlohmann::json values, const AttributeDTypes& dtypes);

/// Returns the dtype in which an attribute of a variable is to be stored: what its file told, else, for those
/// that CF wants in the variable's dtype (`_FillValue`, `valid_range`, `flag_values`, ...), that one if it
/// holds them. Nothing where neither says one, or where the value is no number.
[[nodiscard]] std::optional<DType> stored_dtype(const Attributes& attributes, const std::string& name,
                                                std::optional<DType> variable);

}  // namespace varve::io
