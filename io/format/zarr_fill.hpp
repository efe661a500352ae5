#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "varve/core/dtype.hpp"
#include "varve/core/scalar.hpp"

namespace varve::io {

struct ZarrFill {
  std::array<std::byte, 16>
      bytes{};                  ///< one element in native byte order; zero where the file gives no value
  std::optional<Scalar> value;  ///< nothing for JSON null
};

/// Parses a fill value: a bool, a number, "NaN", "Infinity", "-Infinity", "0x7fc00000" (the bits), or, for
/// complex dtypes, a pair of these. Errors: FormatError naming `what` if the dtype cannot hold it.
[[nodiscard]] ZarrFill parse_zarr_fill(const nlohmann::json& value, DType dtype, const std::string& what);

/// Formats a fill value as a version of Zarr wants it; null where there is none. A NaN of unusual bits
/// becomes these in v3; v2 knows "NaN" alone.
[[nodiscard]] nlohmann::json format_zarr_fill(const std::optional<Scalar>& value, DType dtype,
                                              int zarr_format);

}  // namespace varve::io
