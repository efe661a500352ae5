#pragma once

#include <optional>
#include <vector>

#include "io/dataset.hpp"
#include "varve/core/scalar.hpp"

namespace varve::api {

/// Is what the attributes of a variable say about its stored numbers, by the CF conventions and as
/// netCDF4-python reads them. The values fit the stored dtype exactly, so that comparisons need no rounding.
struct CfEncoding {
  /// The dtype in which stored numbers are compared: the stored one, or its unsigned (signed) twin if
  /// `_Unsigned` says so.
  DType compared = DType::float64;
  bool packed = false;  ///< has scale_factor or add_offset
  double scale = 1;
  double offset = 0;
  std::vector<Scalar> missing;         ///< stored numbers that stand for "no value"
  std::optional<Scalar> implied_fill;  ///< the one of them that is so by the format, not by an attribute
  std::optional<Scalar> least;         ///< stored numbers below are invalid
  std::optional<Scalar> most;          ///< stored numbers above are invalid

  [[nodiscard]] bool masks() const noexcept { return !missing.empty() || least || most; }
  /// The dtype of decoded numbers: float32 if the stored numbers and both factors fit it exactly, else
  /// float64; what is floating and not packed keeps its dtype. Without a mask and factors, `compared`.
  [[nodiscard]] DType decoded() const noexcept;
};

/// Reads the attributes. These values are missing:
///
/// - `_FillValue` and `missing_value` (one or a list), and what lies outside `valid_range`, else outside
///   `valid_min` and `valid_max`. As in netCDF4-python, an attribute that the stored dtype cannot hold (NaN
///   or 0.5 for integers) says nothing.
/// - NetCDF (also told by an array fill value of this kind) without `_FillValue`: the default fill value of
/// the
///   format, for floating, packed and otherwise masked variables. Plain integers stay integers (coordinates
///   would become floating); bytes have no default.
/// - Zarr v2 with dimension names, as xarray writes it: the array's fill value stands for `_FillValue`. Zero
///   does so for packed variables only, because writers put it where nobody chose a value.
///
/// Variables that are bool or complex have no encoding.
[[nodiscard]] CfEncoding cf_encoding(const io::DatasetInfo& info);

}  // namespace varve::api
