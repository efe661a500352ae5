#pragma once

#include <vector>

#include "cli/options.hpp"
#include "labels/source_variables.hpp"
#include "varve/array.hpp"

namespace varve::cli {

/// Returns what labels need: files are looked at under a guard, and warnings are printed unless the options,
/// which must live as long, ask for silence.
[[nodiscard]] labels::Surroundings label_surroundings(const Options& options);

/// Warns where expressions combine, element by element, axes of one name whose coordinates differ.
void warn_of_meetings(const std::vector<Array>& arrays, const Options& options,
                      labels::SourceVariables& variables);

}  // namespace varve::cli
