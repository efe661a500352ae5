#include "io/attributes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "io/json_numbers.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

// CF: these have the dtype of their variable.
constexpr std::array<std::string_view, 7> kOfVariable = {
    "_FillValue", "missing_value", "valid_min", "valid_max", "valid_range", "flag_values", "flag_masks"};

bool is_of_variable(const std::string& name) {
  return std::find(kOfVariable.begin(), kOfVariable.end(), name) != kOfVariable.end();
}

template <class Test>
bool all_of_value(const json& value, Test test) {
  return value.is_array() ? std::all_of(value.begin(), value.end(), test) : test(value);
}

// Turns spelled elements into numbers of the dtype. Returns false if one is none.
bool restore(json& value, DType dtype) {
  if (value.is_array()) {
    return std::all_of(value.begin(), value.end(), [&](json& member) { return restore(member, dtype); });
  }
  if (!is_floating(dtype)) return value.is_number() && holds_exactly(value, dtype);
  const std::optional<double> number = read_number(value, dtype);
  if (number) value = *number;
  return number.has_value();
}

}  // namespace

void Attributes::set(const std::string& name, json value, std::optional<DType> dtype) {
  values[name] = std::move(value);
  dtypes.erase(name);
  if (dtype) dtypes.emplace(name, *dtype);
}

void Attributes::erase(const std::string& name) {
  values.erase(name);
  dtypes.erase(name);
}

void Attributes::update(const Attributes& other) {
  for (const auto& [name, value] : other.values.items()) {
    const auto dtype = other.dtypes.find(name);
    set(name, value, dtype == other.dtypes.end() ? std::nullopt : std::optional(dtype->second));
  }
}

std::string to_json_text(const Attributes& attributes) {
  json values = attributes.values;
  for (auto& [name, value] : values.items()) {
    const auto dtype = attributes.dtypes.find(name);
    spell_all(value, dtype == attributes.dtypes.end() ? std::nullopt : std::optional(dtype->second));
  }
  return values.dump(-1, ' ', false, json::error_handler_t::replace);
}

Attributes with_dtypes(json values, const AttributeDTypes& dtypes) {
  Attributes attributes(std::move(values));
  for (const auto& [name, dtype] : dtypes) {
    const auto found = attributes.values.find(name);
    if (found == attributes.values.end()) continue;
    json value = *found;
    if (!restore(value, dtype)) continue;
    *found = std::move(value);
    attributes.dtypes.emplace(name, dtype);
  }
  return attributes;
}

std::optional<DType> stored_dtype(const Attributes& attributes, const std::string& name,
                                  std::optional<DType> variable) {
  if (const auto told = attributes.dtypes.find(name); told != attributes.dtypes.end()) return told->second;
  if (!variable || !is_of_variable(name)) return std::nullopt;
  const bool held = all_of_value(attributes.values.at(name),
                                 [&](const json& value) { return holds_exactly(value, *variable); });
  return held ? variable : std::nullopt;
}

}  // namespace varve::io
