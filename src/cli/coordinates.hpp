#pragma once

#include <vector>

#include "cli/options.hpp"
#include "cli/source_variables.hpp"
#include "varve/compute.hpp"

namespace varve::cli {

/// Names the axes of outputs as the files do that the expressions read, and returns further outputs: the
/// coordinate variables of these axes, selected as the expressions select along the axes, for outputs that
/// name a variable, where the format keeps coordinates. Axes of one name in one file run along the same
/// positions; an axis that does not gets a name of its own. Warns of coordinates that cannot be joined
/// because their attributes differ.
[[nodiscard]] std::vector<Output> name_axes(std::vector<Output>& outputs, const Options& options,
                                            SourceVariables& variables);

/// Warns where expressions combine, element by element, axes of one name whose coordinates differ.
void warn_of_meetings(const std::vector<Array>& arrays, const Options& options, SourceVariables& variables);

}  // namespace varve::cli
