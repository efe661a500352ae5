#pragma once

#include <vector>

#include "labels/source_variables.hpp"
#include "varve/compute.hpp"

namespace varve::labels {

/// Names the axes of those outputs that `keep_labels` and do not name them, as their arrays do, and returns
/// further outputs: the coordinate variables of these axes, selected as the expressions select along the
/// axes, for outputs that name a variable, where the format keeps coordinates. Axes of one name in one file
/// run along the same positions; an axis that does not gets a name of its own. Warns of coordinates that
/// cannot be joined because their attributes differ.
[[nodiscard]] std::vector<Output> name_axes(std::vector<Output>& outputs, SourceVariables& variables);

}  // namespace varve::labels
