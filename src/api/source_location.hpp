#pragma once

#include "io/dataset.hpp"
#include "varve/provenance.hpp"

namespace varve::api {

/// Takes the location of a dataset apart, "era5.nc:t2m": names of files and of variables may have colons, so
/// that the path is the longest part before one that exists.
[[nodiscard]] ValueSource source_of(const io::DatasetInfo& info);

}  // namespace varve::api
