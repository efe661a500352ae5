#include "io/format/zarr_attributes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "io/json_numbers.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

constexpr const char* kNczarrTypes = "_nczarr_attr";         // {"types": {"scale_factor": "<f4"}}
constexpr const char* kOurTypes = "varve_attribute_dtypes";  // the text of {"scale_factor": "float32"}
constexpr const char* kFill = "_FillValue";
constexpr std::size_t kMaxBytesOfTypes = std::size_t{1} << 20U;

// What netCDF-C keeps among the attributes for itself, in its present and its former spelling.
constexpr std::array<std::string_view, 9> kInternalNames = {
    kNczarrTypes,    "_nczarr_array", "_nczarr_group", "_nczarr_superblock", "_NCZARR_ATTR", "_NCZARR_ARRAY",
    "_NCZARR_GROUP", "_NCProperties", kOurTypes};

bool is_internal(const std::string& name) {
  return std::find(kInternalNames.begin(), kInternalNames.end(), name) != kInternalNames.end();
}

bool is_real_number(DType dtype) { return is_integer(dtype) || is_floating(dtype); }

// "<f4", as in `.zarray`.
std::optional<DType> dtype_of_code(const std::string& code) {
  const bool known = code.size() > 2 && std::string_view("iuf").find(code[1]) != std::string_view::npos;
  return known ? parse_dtype(std::string_view(code).substr(1)) : std::nullopt;
}

std::optional<DType> dtype_of_name(const std::string& name) {
  const auto found =
      std::find_if(kAllDTypes.begin(), kAllDTypes.end(), [&](DType d) { return name_of(d) == name; });
  return found == kAllDTypes.end() ? std::nullopt : std::optional(*found);
}

template <class Parse>
void read_dtypes(const json& types, Parse parse, AttributeDTypes& dtypes) {
  if (!types.is_object()) return;
  for (const auto& [name, type] : types.items()) {
    if (!type.is_string()) continue;
    const std::optional<DType> dtype = parse(type.template get<std::string>());
    if (dtype && is_real_number(*dtype)) dtypes[name] = *dtype;
  }
}

AttributeDTypes told_dtypes(const json& attributes) {
  AttributeDTypes dtypes;
  const auto nczarr = attributes.find(kNczarrTypes);
  if (nczarr != attributes.end() && nczarr->is_object()) {
    read_dtypes(nczarr->value("types", json()), &dtype_of_code, dtypes);
  }
  const auto ours = attributes.find(kOurTypes);
  if (ours != attributes.end() && ours->is_string()) {
    const auto& text = ours->get_ref<const std::string&>();
    // Depth one, so that no text makes the parser recurse.
    const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= 1; };
    if (text.size() <= kMaxBytesOfTypes)
      read_dtypes(json::parse(text, shallow, false), &dtype_of_name, dtypes);
  }
  return dtypes;
}

// Tells whether a reader finds the dtype by itself: what CF says, or that of JSON's fractions.
bool is_guessed(const Attributes& attributes, const std::string& name, DType dtype,
                std::optional<DType> variable) {
  const Attributes untold(json{{name, attributes.values.at(name)}});
  if (const auto by_cf = stored_dtype(untold, name, variable)) return by_cf == dtype;
  const json& value = attributes.values.at(name);
  const auto is_fraction = [](const json& number) {
    return number.is_number_float() && std::isfinite(number.get<double>());
  };
  const bool fractions = value.is_array()
                             ? !value.empty() && std::all_of(value.begin(), value.end(), is_fraction)
                             : is_fraction(value);
  return dtype == DType::float64 && fractions;
}

std::string code_of(DType dtype) {
  const char kind = is_floating(dtype) ? 'f' : kind_of(dtype) == DTypeKind::signed_integer ? 'i' : 'u';
  std::string code{size_bytes(dtype) == 1 ? '|' : '<', kind};
  return code.append(std::to_string(size_bytes(dtype)));
}

// xarray reads the fill value of a floating v3 array in this form alone.
void encode_fill(json& values, DType variable) {
  const auto fill = values.find(kFill);
  if (fill == values.end() || !is_floating(variable)) return;
  const json& only = fill->is_array() && fill->size() == 1 ? fill->front() : *fill;
  if (const auto number = read_number(only, variable)) *fill = to_base64(*number);
}

}  // namespace

Attributes read_zarr_attributes(const json& attributes, std::optional<DType> variable) {
  AttributeDTypes dtypes = told_dtypes(attributes);
  json values = json::object();
  for (const auto& [name, value] : attributes.items()) {
    if (!is_internal(name)) values[name] = value;
  }
  const auto fill = values.find(kFill);
  if (fill != values.end() && variable && is_real_number(*variable)) {
    const auto encoded = fill->is_string() ? from_base64(fill->get_ref<const std::string&>()) : std::nullopt;
    if (encoded) *fill = *encoded;
    dtypes.try_emplace(kFill, *variable);
  }
  return with_dtypes(std::move(values), dtypes);
}

json make_zarr_attributes(const Attributes& attributes, int zarr_format, std::optional<DType> variable) {
  json values = attributes.values.is_object() ? attributes.values : json::object();
  json types = json::object();
  for (const auto& [name, dtype] : attributes.dtypes) {
    if (!values.contains(name) || is_guessed(attributes, name, dtype, variable)) continue;
    types[name] = zarr_format == 3 ? std::string(name_of(dtype)) : code_of(dtype);
  }
  if (zarr_format == 3 && variable) encode_fill(values, *variable);
  spell_all(values);
  for (const std::string_view name : kInternalNames) values.erase(std::string(name));
  if (types.empty()) return values;
  if (zarr_format == 3) {
    values[kOurTypes] = types.dump(-1, ' ', false, json::error_handler_t::replace);
  } else {
    values[kNczarrTypes] = {{"types", types}};
  }
  return values;
}

}  // namespace varve::io
