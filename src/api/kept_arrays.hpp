#pragma once

#include <vector>

#include "api/resolved_output.hpp"

namespace varve::api {

/// Returns the outputs of a run and, where some update a file, one for each array that the file keeps, with
/// its chunks, codec, attributes and names. Outputs into a Zarr that exists take its version.
[[nodiscard]] std::vector<ResolvedOutput> with_kept_arrays(std::vector<ResolvedOutput> outputs);

}  // namespace varve::api
