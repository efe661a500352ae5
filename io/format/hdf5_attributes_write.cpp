#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dtype.hpp"
#include "varve/core/scalar.hpp"

namespace varve::io::hdf5 {
namespace {

using nlohmann::json;

void write(hid_t object, const std::string& name, hid_t type, hid_t space, const void* data) {
  const std::string what = "attribute \"" + name + "\"";
  const Handle attribute =
      checked(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), what, "cannot create");
  if (data != nullptr) check_status(H5Awrite(attribute.get(), type, data), what, "cannot write");
}

Handle make_space(std::size_t count, bool is_scalar) {
  if (is_scalar) return checked(H5Screate(H5S_SCALAR), "attribute", "cannot make a dataspace");
  const hsize_t extent = count;
  return checked(H5Screate_simple(1, &extent, nullptr), "attribute", "cannot make a dataspace");
}

Handle make_text_type(std::size_t size) {
  Handle type = checked(H5Tcopy(H5T_C_S1), "attribute", "cannot make a string type");
  H5Tset_size(type.get(), size);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

void write_texts(hid_t object, const std::string& name, const std::vector<std::string>& texts,
                 bool is_scalar) {
  const Handle type = make_text_type(H5T_VARIABLE);
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  write(object, name, type.get(), make_space(texts.size(), is_scalar).get(), pointers.data());
}

Scalar to_scalar(const json& value) {
  if (value.is_boolean()) return Scalar(value.get<bool>());
  if (value.is_number_unsigned()) return Scalar(value.get<std::uint64_t>());
  if (value.is_number_integer()) return Scalar(value.get<std::int64_t>());
  return Scalar(value.get<double>());
}

/// Returns the dtype that holds all the values: of bools, of integers, or float64.
DType common_dtype(const std::vector<json>& values, AttributeStyle style) {
  const auto all = [&](auto test) { return std::all_of(values.begin(), values.end(), test); };
  if (all([](const json& v) { return v.is_boolean(); })) return DType::boolean;
  if (!all([](const json& v) { return v.is_number_integer(); })) return DType::float64;
  const auto fits = [&](DType dtype) { return all([&](const json& v) { return to_scalar(v).fits(dtype); }); };
  if (style == AttributeStyle::netcdf && fits(DType::int32)) return DType::int32;
  return fits(DType::int64) ? DType::int64 : DType::uint64;
}

void write_values(hid_t object, const std::string& name, const std::vector<json>& values, DType dtype,
                  bool is_scalar, AttributeStyle style) {
  const auto bytes = static_cast<std::size_t>(size_bytes(dtype));
  std::vector<std::byte> elements(values.size() * bytes);
  for (std::size_t i = 0; i < values.size(); ++i)
    to_scalar(values[i]).store(dtype, elements.data() + i * bytes);
  const Handle type =
      make_file_type(dtype, style == AttributeStyle::netcdf ? BoolForm::int8 : BoolForm::enumeration);
  write(object, name, type.get(), make_space(values.size(), is_scalar).get(), elements.data());
}

/// Turns the texts by which JSON spells non-finite numbers into numbers.
json number_of(const json& value) {
  if (!value.is_string()) return value;
  const auto& text = value.get_ref<const std::string&>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return value;
}

void write_attribute(hid_t object, const std::string& name, const json& value, AttributeStyle style,
                     DType dtype) {
  if (value.is_null() || (value.is_array() && value.empty())) return;
  const bool is_scalar = !value.is_array();
  std::vector<json> values = is_scalar ? std::vector<json>{value} : value.get<std::vector<json>>();
  const bool has_dtype = name == "_FillValue" || name == "missing_value";
  if (has_dtype) std::transform(values.begin(), values.end(), values.begin(), &number_of);
  const auto all = [&](auto test) { return std::all_of(values.begin(), values.end(), test); };
  if (all([](const json& v) { return v.is_number(); }) || all([](const json& v) { return v.is_boolean(); })) {
    return write_values(object, name, values, has_dtype ? dtype : common_dtype(values, style), is_scalar,
                        style);
  }
  if (is_scalar || !all([](const json& v) { return v.is_string(); })) {
    return write_text_attribute(object, name, value.is_string() ? value.get<std::string>() : value.dump(),
                                style);
  }
  std::vector<std::string> texts;
  for (const json& text : values) texts.push_back(text.get<std::string>());
  write_texts(object, name, texts, false);
}

}  // namespace

void write_attributes(hid_t object, const json& attributes, AttributeStyle style, DType dtype) {
  const LibraryLock lock;
  for (const auto& [name, value] : attributes.items()) {
    if (!is_internal_attribute(name)) write_attribute(object, name, value, style, dtype);
  }
}

void write_element_attribute(hid_t object, const std::string& name, DType dtype,
                             std::span<const std::byte> elements, AttributeStyle style) {
  const LibraryLock lock;
  const std::size_t count = elements.size() / static_cast<std::size_t>(size_bytes(dtype));
  const Handle type =
      make_file_type(dtype, style == AttributeStyle::netcdf ? BoolForm::int8 : BoolForm::enumeration);
  write(object, name, type.get(), make_space(count, count == 1).get(), elements.data());
}

void write_text_attribute(hid_t object, const std::string& name, const std::string& text,
                          AttributeStyle style) {
  const LibraryLock lock;
  if (style == AttributeStyle::hdf5) return write_texts(object, name, {text}, true);
  // NetCDF keeps an empty text without any value.
  const Handle type = make_text_type(std::max<std::size_t>(text.size(), 1));
  const Handle space = text.empty() ? checked(H5Screate(H5S_NULL), "attribute", "cannot make a dataspace")
                                    : make_space(1, true);
  write(object, name, type.get(), space.get(), text.empty() ? nullptr : text.data());
}

}  // namespace varve::io::hdf5
