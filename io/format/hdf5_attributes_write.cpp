#include <algorithm>
#include <optional>
#include <vector>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dtype.hpp"
#include "io/json_numbers.hpp"
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

/// Returns a dtype for numbers of which nobody told one: it holds all of them.
DType common_dtype(const std::vector<json>& values, AttributeStyle style) {
  const auto all = [&](auto test) { return std::all_of(values.begin(), values.end(), test); };
  if (!values.empty() && all([](const json& v) { return v.is_boolean(); })) return DType::boolean;
  if (!all([](const json& v) { return v.is_number_integer(); })) return DType::float64;
  const auto fits = [&](DType dtype) { return all([&](const json& v) { return to_scalar(v).fits(dtype); }); };
  if (style == AttributeStyle::netcdf && fits(DType::int32)) return DType::int32;
  return fits(DType::int64) ? DType::int64 : DType::uint64;
}

/// Makes a dataspace for the values; NetCDF keeps none of them without one.
Handle make_value_space(std::size_t count, bool is_scalar, AttributeStyle style) {
  if (count == 0 && style == AttributeStyle::netcdf)
    return checked(H5Screate(H5S_NULL), "attribute", "cannot make a dataspace");
  return make_space(count, is_scalar);
}

void write_values(hid_t object, const std::string& name, const std::vector<json>& values, DType dtype,
                  bool is_scalar, AttributeStyle style) {
  if (style == AttributeStyle::netcdf && dtype == DType::float16) dtype = DType::float32;
  const auto bytes = static_cast<std::size_t>(size_bytes(dtype));
  std::vector<std::byte> elements(values.size() * bytes);
  for (std::size_t i = 0; i < values.size(); ++i)
    to_scalar(values[i]).store(dtype, elements.data() + i * bytes);
  const Handle type =
      make_file_type(dtype, style == AttributeStyle::netcdf ? BoolForm::int8 : BoolForm::enumeration);
  write(object, name, type.get(), make_value_space(values.size(), is_scalar, style).get(),
        elements.empty() ? nullptr : elements.data());
}

/// Tells whether NetCDF takes these values as the fill value of a variable: one number of its dtype.
bool is_fill_of(const json& value, DType variable) {
  const json& number = value.is_array() && value.size() == 1 ? value.front() : value;
  return holds_exactly(number, variable);
}

class AttributeWriter {
 public:
  AttributeWriter(hid_t object, const Attributes& attributes, AttributeStyle style,
                  std::optional<DType> variable)
      : object_(object), attributes_(attributes), style_(style), variable_(variable) {}

  void write(const std::string& name, const json& value) const {
    if (value.is_null()) return;
    const bool is_scalar = !value.is_array();
    std::vector<json> values = is_scalar ? std::vector<json>{value} : value.get<std::vector<json>>();
    const std::optional<DType> dtype = dtype_of(name, value);
    if (dtype && is_floating(*dtype)) spelled_to_numbers(values, *dtype);
    const auto all = [&](auto test) { return std::all_of(values.begin(), values.end(), test); };
    if (all([](const json& v) { return v.is_number(); }) ||
        all([](const json& v) { return v.is_boolean(); })) {
      if (values.empty() && !dtype) return write_texts(object_, name, {}, false);
      return write_values(object_, name, values, dtype.value_or(common_dtype(values, style_)), is_scalar,
                          style_);
    }
    if (is_scalar || !all([](const json& v) { return v.is_string(); })) {
      return write_text_attribute(
          object_, name, value.is_string() ? value.get<std::string>() : to_spelled_text(value), style_);
    }
    std::vector<std::string> texts;
    for (const json& text : values) texts.push_back(text.get<std::string>());
    write_texts(object_, name, texts, false);
  }

  /// Tells whether the format refuses the attribute.
  [[nodiscard]] bool is_refused(const std::string& name, const json& value) const {
    const bool is_fill = style_ == AttributeStyle::netcdf && name == "_FillValue" && variable_;
    return is_fill && !is_fill_of(value, *variable_);
  }

 private:
  [[nodiscard]] std::optional<DType> dtype_of(const std::string& name, const json& value) const {
    if (style_ == AttributeStyle::netcdf && name == "_FillValue" && variable_) return variable_;
    const bool has_bools =
        value.is_boolean() || (value.is_array() && !value.empty() && value[0].is_boolean());
    return has_bools ? std::nullopt : stored_dtype(attributes_, name, variable_);
  }

  static void spelled_to_numbers(std::vector<json>& values, DType dtype) {
    for (json& value : values) {
      if (const auto number = read_number(value, dtype)) value = *number;
    }
  }

  hid_t object_;
  const Attributes& attributes_;
  AttributeStyle style_;
  std::optional<DType> variable_;
};

/// Bounds what an attribute takes in an object's header, in either style.
std::size_t header_bytes(const json& value) {
  constexpr std::size_t kReference = 16;  // of a text of variable length, and of the widest number
  if (value.is_array())
    return value.size() * kReference + (value.empty() || value[0].is_structured() ? value.dump().size() : 0);
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  return value.is_structured() ? value.dump().size() : kReference;
}

}  // namespace

void write_attributes(hid_t object, const Attributes& attributes, AttributeStyle style,
                      std::optional<DType> variable) {
  const LibraryLock lock;
  const AttributeWriter writer(object, attributes, style, variable);
  for (const auto& [name, value] : attributes.values.items()) {
    if (!is_internal_attribute(name) && !writer.is_refused(name, value)) writer.write(name, value);
  }
}

void make_room(hid_t creation_properties, const Attributes& attributes) {
  constexpr std::size_t kLargestInHeader = 60000;  // of 64 KiB, with its name and type
  const LibraryLock lock;
  const auto is_large = [](const json& value) { return header_bytes(value) > kLargestInHeader; };
  if (std::none_of(attributes.values.begin(), attributes.values.end(), is_large)) return;
  // Dense storage is of the object headers that track the order of attributes.
  H5Pset_attr_creation_order(creation_properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_attr_phase_change(creation_properties, 0, 0);
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
