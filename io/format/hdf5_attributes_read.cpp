#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dtype.hpp"
#include "io/json_numbers.hpp"

namespace varve::io::hdf5 {
namespace {

using nlohmann::json;

// Larger attributes are data, not description; the limits also stop a lying file.
constexpr hsize_t kLargestAttributeBytes = hsize_t{1} << 20U;
constexpr hssize_t kMaxAttributeElements = hssize_t{1} << 16U;

// What HDF5's dimension scales and NetCDF-4 keep in attributes for themselves.
constexpr std::array<std::string_view, 9> kInternalNames = {
    "DIMENSION_LIST", "REFERENCE_LIST",   "CLASS",
    "NAME",           "DIMENSION_LABELS", "_Netcdf4Dimid",
    "_NCProperties",  "_nc3_strict",      "_Netcdf4Coordinates"};

/// Describes an attribute that is small enough to read.
struct Attribute {
  Handle id;
  Handle type;
  std::size_t count = 0;         ///< elements
  bool is_scalar = false;        ///< to become one value rather than a list
  std::optional<DType> dtype{};  ///< of numbers, where we have it
};

/// Returns the text up to its end, as valid UTF-8: bytes that are not are taken for Latin-1.
std::string clean_text(const char* data, std::size_t size) {
  std::string text(data, ::strnlen(data, size));
  try {
    static_cast<void>(json(text).dump());
    return text;
  } catch (const json::exception&) {
    std::string utf8;
    for (const char character : text) {
      const auto byte = static_cast<unsigned char>(character);
      if (byte < 0x80) {
        utf8 += character;
      } else {
        utf8 += static_cast<char>(0xc0U | byte >> 6U);
        utf8 += static_cast<char>(0x80U | (byte & 0x3fU));
      }
    }
    return utf8;
  }
}

/// What became of an attribute: a value, or the reason why it is none.
struct Reading {
  json value;
  std::optional<DType> dtype = std::nullopt;
  std::string problem{};
};

json join(std::vector<json> values, bool is_scalar) {
  if (is_scalar && values.size() == 1) return std::move(values.front());
  return json(std::move(values));
}

json number_of(float value) { return widen(value); }
template <class T>
json number_of(T value) {
  return value;
}

template <class T>
std::optional<Reading> read_numbers(const Attribute& attribute, hid_t memory_type, DType widest) {
  std::vector<T> values(attribute.count);
  if (H5Aread(attribute.id.get(), memory_type, values.data()) < 0) return std::nullopt;
  std::vector<json> numbers;
  for (const T value : values) numbers.push_back(number_of(value));
  return Reading{join(std::move(numbers), attribute.is_scalar), attribute.dtype.value_or(widest)};
}

std::optional<Reading> read_floats(const Attribute& attribute) {
  if (attribute.dtype == DType::float32)  // by its own type, so that a NaN keeps its bits
    return read_numbers<float>(attribute, H5T_NATIVE_FLOAT, DType::float32);
  return read_numbers<double>(attribute, H5T_NATIVE_DOUBLE, DType::float64);
}

std::optional<Reading> read_integers(const Attribute& attribute, hid_t integer) {
  if (H5Tget_sign(integer) == H5T_SGN_NONE)
    return read_numbers<std::uint64_t>(attribute, H5T_NATIVE_UINT64, DType::uint64);
  return read_numbers<std::int64_t>(attribute, H5T_NATIVE_INT64, DType::int64);
}

std::optional<Reading> read_bools(const Attribute& attribute) {
  std::vector<std::int8_t> values(attribute.count);
  if (H5Aread(attribute.id.get(), attribute.type.get(), values.data()) < 0) return std::nullopt;
  std::vector<json> bools;
  for (const std::int8_t value : values) bools.emplace_back(value != 0);
  return Reading{join(std::move(bools), attribute.is_scalar)};
}

std::optional<Reading> read_variable_strings(const Attribute& attribute) {
  std::vector<char*> pointers(attribute.count, nullptr);
  const Handle space(H5Aget_space(attribute.id.get()));
  if (H5Aread(attribute.id.get(), attribute.type.get(), pointers.data()) < 0) return std::nullopt;
  std::vector<json> texts;
  for (const char* pointer : pointers) {
    texts.emplace_back(pointer == nullptr ? "" : clean_text(pointer, std::strlen(pointer)));
  }
  H5Dvlen_reclaim(attribute.type.get(), space.get(), H5P_DEFAULT, pointers.data());
  return Reading{join(std::move(texts), attribute.is_scalar)};
}

std::optional<Reading> read_fixed_strings(const Attribute& attribute) {
  const std::size_t size = H5Tget_size(attribute.type.get());
  std::vector<char> bytes(attribute.count * size);
  if (H5Aread(attribute.id.get(), attribute.type.get(), bytes.data()) < 0) return std::nullopt;
  std::vector<json> texts;
  for (std::size_t i = 0; i < attribute.count; ++i) {
    std::string text = clean_text(bytes.data() + i * size, size);
    if (H5Tget_strpad(attribute.type.get()) == H5T_STR_SPACEPAD) text.erase(text.find_last_not_of(' ') + 1);
    texts.emplace_back(std::move(text));
  }
  return Reading{join(std::move(texts), attribute.is_scalar)};
}

std::optional<Reading> read_value(const Attribute& attribute) {
  const hid_t type = attribute.type.get();
  switch (H5Tget_class(type)) {
    case H5T_ENUM: {
      if (attribute.dtype == DType::boolean) return read_bools(attribute);
      const Handle integer(H5Tget_super(type));
      return read_integers(attribute, integer.get());
    }
    case H5T_INTEGER:
      return read_integers(attribute, type);
    case H5T_FLOAT:
      return read_floats(attribute);
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? read_variable_strings(attribute) : read_fixed_strings(attribute);
    default:
      return Reading{{}, {}, describe_type(type)};
  }
}

bool is_too_large(hssize_t count, hid_t type) {
  if (count < 0 || count > kMaxAttributeElements) return true;
  const hsize_t element_bytes = std::max<hsize_t>(H5Tget_size(type), sizeof(double));
  return element_bytes > kLargestAttributeBytes ||
         static_cast<hsize_t>(count) * element_bytes > kLargestAttributeBytes;
}

/// Returns the value of an attribute without elements: NetCDF's empty text, or an empty list.
Reading empty_value(const Attribute& attribute) {
  if (H5Tget_class(attribute.type.get()) == H5T_STRING) return {""};
  return {json::array(), attribute.dtype == DType::boolean ? std::nullopt : attribute.dtype};
}

std::optional<Reading> read_attribute(hid_t object, const char* name) {
  Attribute attribute;
  attribute.id = Handle(H5Aopen(object, name, H5P_DEFAULT));
  if (!attribute.id) return std::nullopt;
  attribute.type = Handle(H5Aget_type(attribute.id.get()));
  const Handle space(H5Aget_space(attribute.id.get()));
  if (!attribute.type || !space) return std::nullopt;
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (is_too_large(count, attribute.type.get())) return Reading{{}, {}, "larger than 1 MiB"};
  const int rank = H5Sget_simple_extent_ndims(space.get());
  attribute.count = static_cast<std::size_t>(count);
  attribute.is_scalar =
      rank == 0 || (rank == 1 && count == 1);  // NetCDF has no other way to write one number
  const auto element = classify_type(attribute.type.get());
  if (element && !is_complex(element->dtype)) attribute.dtype = element->dtype;
  return attribute.count > 0 ? read_value(attribute) : empty_value(attribute);
}

herr_t collect_name(hid_t, const char* name, const H5A_info_t*, void* names) {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

}  // namespace

Attributes read_attributes(hid_t object) {
  const LibraryLock lock;
  std::vector<std::string> names;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, &collect_name, &names);
  Attributes attributes;
  for (const std::string& name : names) {
    if (is_internal_attribute(name)) continue;
    const std::string shown = clean_text(name.data(), name.size());
    auto reading = read_attribute(object, name.c_str());
    if (!reading) reading = Reading{{}, {}, "it cannot be read"};
    if (reading->problem.empty()) {
      attributes.set(shown, std::move(reading->value), reading->dtype);
    } else {
      attributes.left_out.push_back(shown + ": " + reading->problem);
    }
  }
  H5Eclear2(H5E_DEFAULT);
  return attributes;
}

bool is_internal_attribute(std::string_view name) {
  return std::find(kInternalNames.begin(), kInternalNames.end(), name) != kInternalNames.end();
}

bool has_attribute(hid_t object, const char* name) {
  const LibraryLock lock;
  return H5Aexists(object, name) > 0;
}

std::string read_text_attribute(hid_t object, const char* name) {
  const LibraryLock lock;
  if (H5Aexists(object, name) <= 0) return "";
  const auto value = read_attribute(object, name);
  H5Eclear2(H5E_DEFAULT);
  return value && value->value.is_string() ? value->value.get<std::string>() : "";
}

}  // namespace varve::io::hdf5
