#pragma once

#include "varve/compute.hpp"

namespace varve::api {

/// Returns the chunk extents that an output gets: those asked for, or the natural chunks of the array where
/// these are of a useful size (256 KiB to 64 MiB), or about 4 MiB; those of operations, which are cut for
/// their work, are halved to that. Errors: ShapeError if those asked for do not fit the array.
[[nodiscard]] Shape output_chunks(const Output& output);

}  // namespace varve::api
