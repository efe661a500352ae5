#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "varve/array.hpp"
#include "varve/chunks.hpp"
#include "varve/core/error.hpp"

namespace varve {

class Runtime;

/// Options of `open`.
struct OpenOptions {
  /// Reads the stored numbers as they are. Otherwise packed variables (attributes scale_factor, add_offset,
  /// _FillValue, missing_value, valid_range; CF conventions) decode to floating point with NaN where a value
  /// is missing. In NetCDF files the default fill values of the format are missing too, except in plain
  /// integers: netCDF4-python masks these, xarray keeps them, and so does Varve, so that coordinates stay
  /// integers.
  bool raw = false;
};

/// Opens an array of a file: Zarr v2 and v3 directories, HDF5, NetCDF-4, npy; found by content. Reads
/// metadata only. `variable` may be a path inside groups; it may be left out where the file holds one array.
///
/// Dtype:   as stored; packed variables that of their factors (CF 8.1), float32 only if it holds the packed
///          numbers.
/// Errors:  StorageError, FormatError, or Error naming the variables that the file has.
Array open(const std::string& path, const std::string& variable = "", const OpenOptions& options = {});

/// The dtypes of attributes that are numbers or lists of numbers, by name: JSON has none. To such attributes
/// "NaN", "Infinity", "-Infinity" and bits ("0x7fc00abc") are numbers too.
using AttributeDTypes = std::map<std::string, DType>;

/// What is done where an output exists: `fail` refuses; `resume` goes on with an interrupted run; `overwrite`
/// replaces the whole file; `update` replaces the arrays of the names that are written and keeps the others
/// (see `kept_variables`), by writing the file anew.
enum class Existing { fail, overwrite, resume, update };

/// Options of an output.
struct SaveOptions {
  /// Absent: the array's natural chunks, made about 4 MiB where they are far from it.
  Chunks chunks = {};
  /// "blosc:lz4:5", "zstd:3", "gzip:1", "none"; empty: a fast default of the format.
  std::string codec = {};
  Existing existing = Existing::fail;  ///< what is done where the output exists
  int zarr_format = 3;                 ///< 2 or 3
  /// Keeps what the array has from its files as far as it still holds: names of axes; in named variables of
  /// .nc and .zarr also the coordinates, selected as the axes are; CF attributes of the variables, and those
  /// of the files. `dimension_names`, `attributes` and attributes of the root win over what would be kept.
  bool keep_labels = true;
  std::vector<std::string> dimension_names = {};  ///< one per axis; empty: none
  /// Attributes as a JSON object text, for example R"({"units": "K"})".
  std::string attributes = {};
  /// The value of elements that nobody wrote; readers of Zarr v2 and NetCDF take it for "missing".
  std::optional<Scalar> fill_value = {};
  /// Attributes of the file's groups, as JSON object texts by path: "" is the root. Those of all outputs in
  /// one file count; groups without arrays are made too.
  std::map<std::string, std::string> group_attributes = {};
  /// Waits until the output is on the disk before it gets its name, so that not even a power cut leaves one
  /// that looks complete and is not. Of several outputs in one file the first decides.
  bool sync = false;
  /// Of `attributes`; numbers of which this tells nothing get one by what CF says, or int32, int64, float64.
  AttributeDTypes attribute_dtypes = {};
  std::map<std::string, AttributeDTypes> group_attribute_dtypes = {};  ///< of `group_attributes`
};

/// Computes `x` and writes it to `path` (format by its ending: .zarr .h5 .nc .npy). The output appears under
/// its name only when whole.
///
/// Memory:  tile by tile, inside the budget.
/// Errors:  StorageError, BudgetError.
void save(const Array& x, const std::string& path, const SaveOptions& options = {});
/// Does the same with a Runtime of the caller's.
void save(Runtime& runtime, const Array& x, const std::string& path, const SaveOptions& options = {});

/// Lists the arrays of a file that stay when those named `replaced` are written anew: all others, but for
/// coordinates along dimensions that only replaced arrays had. None if there is no such file.
///
/// Errors:  ArgumentError for an array that cannot be read, which would be lost; those of `open`.
std::vector<std::string> kept_variables(const std::string& path, const std::vector<std::string>& replaced);

/// What a file says of one of its arrays.
struct VariableInfo {
  std::string name;                          ///< its path inside the file
  std::string problem;                       ///< why it cannot be opened; the fields below are then unset
  Shape shape;                               ///< extents in elements
  DType dtype = DType::float64;              ///< as stored
  Shape chunks;                              ///< extents of a chunk; empty where the layout has none
  std::string layout;                        ///< "chunked", "contiguous", ... in the words of the format
  std::string codecs;                        ///< in the order of encoding; empty if none
  std::string byte_order;                    ///< "little", "big" or empty
  std::vector<std::string> dimension_names;  ///< one per axis; empty where the file has none
  std::string attributes;                    ///< JSON object; numbers that JSON lacks are words, "NaN"
  AttributeDTypes attribute_dtypes;          ///< of those that are numbers, where the file tells
  std::vector<std::string> left_out;  ///< attributes that cannot be read, and why: "history: compound type"
  std::string fill_value;             ///< empty if none
  std::optional<Scalar> fill;         ///< the same, as a number
  std::optional<Scalar> fill_attribute;  ///< the number of `_FillValue`, if the dtype holds it
  std::optional<Scalar> implied_fill;    ///< the number that means "missing" although no attribute says so
  bool implied_by_netcdf = false;        ///< it is so because it is NetCDF's default for the dtype
  /// The dtype that `open` gives; `dtype` if there is nothing to decode.
  DType decoded = DType::float64;
  std::vector<Scalar> missing;                    ///< stored numbers that `open` turns into NaN
  std::optional<Scalar> valid_min;                ///< stored numbers below become NaN
  std::optional<Scalar> valid_max;                ///< stored numbers above become NaN
  std::optional<std::int64_t> stored_bytes = {};  ///< of all chunks in the store; absent where unknown
};

/// What a file holds.
struct FileInfo {
  std::string path;                                     ///< as it was given
  std::string format;                                   ///< "zarr v3", "hdf5", ...
  std::string attributes;                               ///< JSON object
  AttributeDTypes attribute_dtypes;                     ///< of those that are numbers, where the file tells
  std::map<std::string, std::string> group_attributes;  ///< by the path of a group below the root
  std::map<std::string, AttributeDTypes> group_attribute_dtypes;  ///< of `group_attributes`
  std::vector<std::string> left_out;    ///< attributes of the root and of groups that cannot be read, and why
  std::vector<VariableInfo> variables;  ///< its arrays
};

/// Describes a file, or one variable of it, without reading data.
FileInfo describe(const std::string& path, const std::string& variable = "");

/// Describes a file without its variables, which are left out.
FileInfo describe_file(const std::string& path);

/// Describes one variable without what is said of its file, whose other variables are not looked at.
/// `stored_bytes` stays absent where one had to count chunks.
VariableInfo describe_variable(const std::string& path, const std::string& variable);

}  // namespace varve
