#pragma once

#include <vector>

#include "varve/compute.hpp"

namespace varve::api {

/// Returns the outputs of a run and, where some update a file, one for each array that the file keeps, with
/// its chunks, codec, attributes and names. Outputs into a Zarr that exists take its version.
[[nodiscard]] std::vector<Output> with_kept_arrays(std::vector<Output> outputs);

}  // namespace varve::api
