#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "io/format/hdf5_handle.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io::hdf5 {

/// Reads the attributes of an object as JSON: numbers, bools, strings and flat arrays of these. What JSON
/// cannot hold (references, compounds), what HDF5 and NetCDF keep there for themselves, and values above 1
/// MiB are left out.
[[nodiscard]] nlohmann::json read_attributes(hid_t object);

/// Tells whether the object has an attribute of that name.
[[nodiscard]] bool has_attribute(hid_t object, const char* name);

/// Returns a string attribute; "" if there is none.
[[nodiscard]] std::string read_text_attribute(hid_t object, const char* name);

/// Says how strings are stored: NetCDF's character arrays, or the variable-length strings of h5py.
enum class TextForm { characters, variable };

/// Writes every member of the JSON object as an attribute. Members named `_FillValue` or `missing_value` get
/// the dataset's `dtype`, as NetCDF demands. Nested objects and mixed arrays are written as JSON text.
void write_attributes(hid_t object, const nlohmann::json& attributes, TextForm form, DType dtype,
                      const std::string& location);

/// Writes one attribute holding one element of `dtype`.
void write_element_attribute(hid_t object, const char* name, DType dtype, const std::byte* element,
                             const std::string& location);

/// Writes one text attribute.
void write_text_attribute(hid_t object, const std::string& name, const std::string& text, TextForm form,
                          const std::string& location);

}  // namespace varve::io::hdf5
