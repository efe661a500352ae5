#pragma once

#include <optional>
#include <vector>

#include "io/dataset.hpp"
#include "varve/core/scalar.hpp"

namespace varve::labels {

/// What the attributes of a variable say about its stored numbers, by the CF conventions and as
/// netCDF4-python reads them. The values fit the stored dtype exactly, so that comparisons need no rounding.
struct CfEncoding {
  /// The dtype in which stored numbers are compared: the stored one, or its unsigned (signed) twin if
  /// `_Unsigned` says so.
  DType compared = DType::float64;
  bool packed = false;  ///< has scale_factor or add_offset
  double scale = 1;
  double offset = 0;
  DType factors = DType::float32;        ///< float32 if scale and offset are told to be so, else float64
  std::vector<Scalar> missing;           ///< stored numbers that stand for "no value"
  std::optional<Scalar> fill_attribute;  ///< the number of `_FillValue`, NaN too
  std::optional<Scalar> implied_fill;    ///< the one of them that is so by the format, not by an attribute
  bool implied_by_netcdf = false;        ///< that one is NetCDF's default of the dtype
  std::optional<Scalar> valid_min;       ///< stored numbers below are invalid
  std::optional<Scalar> valid_max;       ///< stored numbers above are invalid

  [[nodiscard]] bool masks() const noexcept { return !missing.empty() || valid_min || valid_max; }
  /// The dtype of decoded numbers. Packed ones have that of their factors (CF 8.1), but float64 where a
  /// factor or the stored numbers are wider than float32, or a factor is an integer: nothing is rounded that
  /// netCDF4 would not. Masked integers become float32 if it holds them all, else float64; what is floating
  /// and not packed keeps its dtype. Without a mask and factors, `compared`.
  [[nodiscard]] DType decoded() const noexcept;
};

/// Reads the attributes. These values are missing:
///
/// - `_FillValue` and `missing_value` (one or a list), and what lies outside `valid_range`, else outside
///   `valid_min` and `valid_max`. As in netCDF4-python and xarray, a number that the stored dtype does not
///   hold exactly (NaN or 0.5 for integers, the float64 -9999.9 for float32) says nothing.
/// - NetCDF (also told by an array fill value of this kind) without `_FillValue`: the default fill value of
///   the format, for floating, packed and otherwise masked variables. Plain integers stay integers
///   (coordinates would become floating); bytes have no default.
/// - Zarr v2 with dimension names, as xarray and netCDF-C read it: the array's fill value stands for
///   `_FillValue`; zero too, except in the coordinate of a dimension, which has no missing values (CF).
///
/// Variables that are bool or complex have no encoding.
[[nodiscard]] CfEncoding cf_encoding(const io::DatasetInfo& info);

}  // namespace varve::labels
