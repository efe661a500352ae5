#include "cli/kept_metadata.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/dataset_name.hpp"

namespace varve::cli {
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

// A fill value that does not mean "missing" in the source may not mean it in the output either: readers of
// NetCDF take every fill value for missing, and those of Zarr v2 that of every array with dimension names.
std::optional<Scalar> fill_for(const VariableInfo& variable, const std::string& path, int zarr_format) {
  const std::string_view ending = output_ending(path);
  const bool netcdf = ending == ".nc" || ending == ".nc4";
  const bool marked = ending == ".zarr" && zarr_format == 2 && !variable.dimension_names.empty();
  return netcdf || marked ? std::nullopt : variable.fill;
}

// The coordinate of a dimension has no missing values (CF), and need not say which they would be.
bool is_coordinate(const VariableInfo& variable) {
  const std::string base = variable.name.substr(variable.name.rfind('/') + 1);
  return variable.dimension_names.size() == 1 && variable.dimension_names.front() == base;
}

}  // namespace

void keep_metadata(const VariableInfo& variable, const std::string& path, SaveOptions& options) {
  json attributes = attributes_of(variable);
  options.dimension_names = variable.dimension_names;
  if (variable.implied_fill && !is_coordinate(variable)) {
    options.fill_value = variable.implied_fill;
    attributes["_FillValue"] = number(*variable.implied_fill);
  } else if (attributes.contains("_FillValue")) {
    options.fill_value = variable.missing.empty() ? variable.fill : variable.missing.front();
    json& fill = attributes["_FillValue"];
    // Zarr v3 has it as an encoded text, which means nothing elsewhere; one that masks no number is NaN.
    const bool encoded = fill.is_string() && is_floating(variable.dtype);
    if (encoded) fill = variable.missing.empty() ? json("NaN") : number(variable.missing.front());
  } else {
    options.fill_value = fill_for(variable, path, options.zarr_format);
  }
  options.attributes = text_of(attributes);
}

void keep_decoded_metadata(const VariableInfo& variable, SaveOptions& options) {
  json attributes = attributes_of(variable);
  for (const char* name : {"scale_factor", "add_offset", "_FillValue", "missing_value", "valid_min",
                           "valid_max", "valid_range", "_Unsigned"}) {
    attributes.erase(name);
  }
  options.dimension_names = variable.dimension_names;
  options.attributes = text_of(attributes);
}

}  // namespace varve::cli
