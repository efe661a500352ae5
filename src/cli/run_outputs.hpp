#pragma once

#include <vector>

#include "cli/options.hpp"
#include "varve/compute.hpp"

namespace varve::cli {

/// Runs outputs with the progress bar, cancellation, report and trace that the options ask for.
/// Errors: those of varve::run; StorageError if the report cannot be written.
RunResult run_outputs(const std::vector<Output>& outputs, const Options& options);

/// Returns how outputs are to be written.
[[nodiscard]] SaveOptions save_options(const Options& options);

/// Prints a line on stderr, unless the options ask for silence.
void warn(const Options& options, const std::string& message);

}  // namespace varve::cli
