#pragma once

#include <optional>
#include <string>
#include <vector>

#include "varve/array.hpp"

namespace varve {

struct OpenOptions {
  /// Reads the stored numbers as they are. Otherwise packed variables (attributes scale_factor, add_offset, _FillValue,
  /// missing_value, valid_range; CF conventions) decode to floating point with NaN where a value is missing.
  bool raw = false;
};

/// Opens an array of a file: Zarr v2 and v3 directories, HDF5, NetCDF-4, npy; found by content. Reads metadata only.
/// `variable` may be a path inside groups; it may be left out where the file holds one array.
/// Dtype: as stored; packed variables float32 if the packed numbers and factors fit it exactly, else float64.
/// Errors: StorageError, FormatError, or Error naming the variables that the file has.
Array open(const std::string& path, const std::string& variable = "", const OpenOptions& options = {});

/// Says what to do where an output exists.
enum class Existing { fail, overwrite, resume };

struct SaveOptions {
  Shape chunks = {};         ///< empty: the array's natural chunks, made about 4 MiB where they are far from it
  std::string codec = {};    ///< "blosc:lz4:5", "zstd:3", "gzip:1", "none"; empty: a fast default of the format
  Existing existing = Existing::fail;
  int zarr_format = 3;
  std::vector<std::string> dimension_names = {};
  /// Attributes as a JSON object text, for example R"({"units": "K"})".
  std::string attributes = {};
};

/// Computes `x` and writes it to `path` (format by its ending: .zarr .h5 .nc .npy). Appears under its name only when whole.
/// Memory: tile by tile, inside the budget. Errors: StorageError, BudgetError.
void save(const Array& x, const std::string& path, const SaveOptions& options = {});

/// Describes one array of a file.
struct VariableInfo {
  std::string name;
  std::string problem;  ///< why it cannot be opened; the fields below are then unset
  Shape shape;
  DType dtype = DType::float64;
  Shape chunks;
  std::string layout;
  std::string codecs;
  std::string byte_order;
  std::vector<std::string> dimension_names;
  std::string attributes;  ///< JSON object
  std::string fill_value;  ///< empty if none
  std::int64_t stored_bytes = -1;
};

struct FileInfo {
  std::string path;
  std::string format;
  std::string attributes;  ///< JSON object
  std::vector<VariableInfo> variables;
};

/// Describes a file, or one variable of it, without reading data.
FileInfo describe(const std::string& path, const std::string& variable = "");

}  // namespace varve
