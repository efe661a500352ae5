#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "io/attributes.hpp"

namespace varve::io {

/// Reads what Zarr has as attributes: dtypes come from `_nczarr_attr`, as netCDF-C writes it, or, in v3, from
/// a text of ours; `_FillValue` of a variable (`variable` is its dtype) from xarray's base64. What NCZarr
/// keeps there for itself is left out. `attributes` is an object.
[[nodiscard]] Attributes read_zarr_attributes(const nlohmann::json& attributes,
                                              std::optional<DType> variable = std::nullopt);

/// Makes of attributes what Zarr stores. Numbers that JSON lacks become words, as netCDF-C writes them. The
/// dtypes that a reader could not guess are added: in v2 as `_nczarr_attr`, which xarray hides and netCDF-C
/// understands; in v3, where xarray hides nothing and an object would keep it from writing NetCDF, as a text.
[[nodiscard]] nlohmann::json make_zarr_attributes(const Attributes& attributes, int zarr_format,
                                                  std::optional<DType> variable = std::nullopt);

}  // namespace varve::io
