#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

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

/// Tells whether HDF5's dimension scales or NetCDF-4 keep an attribute of that name for themselves.
[[nodiscard]] bool is_internal_attribute(std::string_view name);

/// Says for which readers attributes are written: the types that NetCDF knows, or those that h5py makes.
enum class AttributeStyle { hdf5, netcdf };

/// Writes every member of a JSON object as an attribute; null, empty arrays and internal names are left out.
/// Nested values and mixed arrays become JSON text. `_FillValue` and `missing_value` take `dtype`, as NetCDF
/// demands.
void write_attributes(hid_t object, const nlohmann::json& attributes, AttributeStyle style, DType dtype);

/// Writes `elements`, native elements of `dtype`, as a scalar (if there is one) or as a list.
void write_element_attribute(hid_t object, const std::string& name, DType dtype,
                             std::span<const std::byte> elements, AttributeStyle style);

/// Writes one text: of fixed length for NetCDF, of variable length otherwise.
void write_text_attribute(hid_t object, const std::string& name, const std::string& text,
                          AttributeStyle style);

}  // namespace varve::io::hdf5
