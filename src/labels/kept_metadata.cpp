#include "labels/kept_metadata.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/variable_name.hpp"

namespace varve::labels {
namespace {

using nlohmann::json;

json attributes_of(const VariableInfo& variable) {
  json attributes = json::parse(variable.attributes, nullptr, false);
  return attributes.is_object() ? attributes : json::object();
}

std::string text_of(const json& attributes) {
  return attributes.dump(-1, ' ', false, json::error_handler_t::replace);
}

json number(const Scalar& scalar) {
  if (const auto* value = std::get_if<std::int64_t>(&scalar.value())) return *value;
  if (const auto* value = std::get_if<std::uint64_t>(&scalar.value())) return *value;
  if (const auto* value = std::get_if<double>(&scalar.value())) {
    if (std::isfinite(*value)) return *value;
    return std::isnan(*value) ? "NaN" : *value > 0 ? "Infinity" : "-Infinity";
  }
  return nullptr;
}

// Tells whether readers of the output take the fill value of the array for missing.
bool fill_is_missing(const VariableInfo& variable, io::FillMeaning fill) {
  return fill == io::FillMeaning::missing ||
         (fill == io::FillMeaning::missing_if_named && !variable.dimension_names.empty());
}

}  // namespace

void keep_metadata(const VariableInfo& variable, const io::Format& format, SaveOptions& options) {
  json attributes = attributes_of(variable);
  options.dimension_names = variable.dimension_names;
  options.attribute_dtypes = variable.attribute_dtypes;
  const bool marked = fill_is_missing(variable, format.keeps.fill);
  if (attributes.contains("_FillValue")) {
    options.fill_value = marked || !variable.fill ? variable.fill_attribute : variable.fill;
  } else if (!variable.implied_fill || io::is_coordinate(variable.name, variable.dimension_names)) {
    options.fill_value = marked ? std::nullopt : variable.fill;
  } else if (variable.implied_by_netcdf) {
    // NetCDF's default needs no attribute: it means the same in a NetCDF, and by the array's fill value here.
    const bool has_default = format.keeps.fill == io::FillMeaning::missing;
    options.fill_value = has_default ? std::nullopt : variable.implied_fill;
  } else {
    options.fill_value = variable.implied_fill;
    attributes["_FillValue"] = number(*variable.implied_fill);
    options.attribute_dtypes["_FillValue"] = variable.dtype;
  }
  options.attributes = text_of(attributes);
}

void keep_decoded_metadata(const VariableInfo& variable, SaveOptions& options) {
  json attributes = attributes_of(variable);
  options.attribute_dtypes = variable.attribute_dtypes;
  for (const char* name : {"scale_factor", "add_offset", "_FillValue", "missing_value", "valid_min",
                           "valid_max", "valid_range", "_Unsigned"}) {
    attributes.erase(name);
    options.attribute_dtypes.erase(name);
  }
  options.dimension_names = variable.dimension_names;
  options.attributes = text_of(attributes);
}

void keep_group_metadata(const FileInfo& file, const std::string& variable, SaveOptions& options) {
  options.group_attributes[""] = file.attributes;
  options.group_attribute_dtypes[""] = file.attribute_dtypes;
  for (const auto& [group, attributes] : file.group_attributes) {
    if (!variable.empty() && !variable.starts_with(group + "/")) continue;
    options.group_attributes[group] = attributes;
    const auto dtypes = file.group_attribute_dtypes.find(group);
    if (dtypes != file.group_attribute_dtypes.end()) options.group_attribute_dtypes.insert(*dtypes);
  }
}

namespace {

void erase(SaveOptions& options, const std::string& name, json& attributes) {
  attributes.erase(name);
  options.attribute_dtypes.erase(name);
}

json parsed(const SaveOptions& options) {
  json attributes = json::parse(options.attributes, nullptr, false);
  return attributes.is_object() ? attributes : json::object();
}

void drop(SaveOptions& options, std::initializer_list<const char*> names) {
  json attributes = parsed(options);
  for (const char* name : names) erase(options, name, attributes);
  options.attributes = text_of(attributes);
}

}  // namespace

void drop_references(SaveOptions& options) {
  drop(options, {"coordinates", "bounds", "climatology", "grid_mapping", "cell_measures",
                 "ancillary_variables", "formula_terms"});
}

void drop_observed_range(SaveOptions& options) { drop(options, {"actual_range"}); }

void keep_quantity_metadata(SaveOptions& options) {
  drop(options, {"cell_methods", "flag_values", "flag_masks", "flag_meanings", "actual_range"});
}

void keep_common_metadata(const SaveOptions& other, SaveOptions& options) {
  const json mine = parsed(options);
  const json others = parsed(other);
  json attributes = mine;
  for (const auto& [name, value] : mine.items()) {
    if (!others.contains(name) || others[name] != value) erase(options, name, attributes);
  }
  options.attributes = text_of(attributes);
}

}  // namespace varve::labels
