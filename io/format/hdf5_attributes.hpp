#pragma once

#include <span>
#include <string>
#include <string_view>

#include "io/attributes.hpp"
#include "io/format/hdf5_handle.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io::hdf5 {

/// Reads the attributes of an object: numbers with their dtypes, bools, strings and flat arrays of these.
/// What JSON cannot hold (references, compounds) and values above 1 MiB are named as left out; what HDF5 and
/// NetCDF keep there for themselves is not.
[[nodiscard]] Attributes read_attributes(hid_t object);

/// Tells whether the object has an attribute of that name.
[[nodiscard]] bool has_attribute(hid_t object, const char* name);

/// Returns a string attribute; "" if there is none.
[[nodiscard]] std::string read_text_attribute(hid_t object, const char* name);

/// Tells whether HDF5's dimension scales or NetCDF-4 keep an attribute of that name for themselves.
[[nodiscard]] bool is_internal_attribute(std::string_view name);

/// Says for which readers attributes are written: the types that NetCDF knows, or those that h5py makes.
enum class AttributeStyle { hdf5, netcdf };

/// Writes all attributes; null and internal names are left out. Numbers have the dtype that the attributes
/// tell; of a variable (`variable` is its dtype) those that CF wants in the variable's have that. Nested
/// values and mixed arrays become JSON text. NetCDF has no bool and no float16: they become int8 and float32;
/// a `_FillValue` there that is no number of the variable is left out.
void write_attributes(hid_t object, const Attributes& attributes, AttributeStyle style,
                      std::optional<DType> variable = std::nullopt);

/// Makes an object that is about to be created keep its attributes where they may be larger than 64 KiB, if
/// one of these is; others stay readable for the oldest programs.
void make_room(hid_t creation_properties, const Attributes& attributes);

/// Writes `elements`, native elements of `dtype`, as a scalar (if there is one) or as a list.
void write_element_attribute(hid_t object, const std::string& name, DType dtype,
                             std::span<const std::byte> elements, AttributeStyle style);

/// Writes one text: of fixed length for NetCDF, of variable length otherwise.
void write_text_attribute(hid_t object, const std::string& name, const std::string& text,
                          AttributeStyle style);

}  // namespace varve::io::hdf5
