#pragma once

#include <vector>

#include "cli/options.hpp"
#include "varve/compute.hpp"

namespace varve::cli {

/// Names the axes of outputs as the files do that the expressions read, and returns further outputs: the
/// coordinate variables of these axes, cut as the expressions cut the axes, for .nc and .zarr outputs that
/// name a variable. Axes of one name in one file run along the same positions; an axis that does not gets a
/// name of its own.
[[nodiscard]] std::vector<Output> name_axes(std::vector<Output>& outputs, const Options& options);

}  // namespace varve::cli
