#pragma once

#include <vector>

#include "labels/source_variables.hpp"
#include "varve/compute.hpp"

namespace varve::labels {

/// Gives outputs that go to files and `keep_labels` what still holds of what the files say that their arrays
/// come from: names of axes, attributes, and the name of the variable, where the format wants one and the
/// output has none. What options say themselves wins. Appends outputs for the coordinates. Nothing is left
/// to be kept in what it returns.
[[nodiscard]] std::vector<Output> with_kept_labels(std::vector<Output> outputs, SourceVariables& variables);

}  // namespace varve::labels
