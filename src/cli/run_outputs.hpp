#pragma once

#include <vector>

#include "cli/options.hpp"
#include "varve/compute.hpp"

namespace varve::cli {

/// Runs outputs with the progress bar, cancellation, report and trace that the options ask for.
/// Errors: those of varve::run; StorageError if the report cannot be written.
RunResult run_outputs(const std::vector<Output>& outputs, const Options& options);

/// Returns how the output `path` is to be written: chunks and codec only where its format has them.
[[nodiscard]] SaveOptions save_options(const Options& options, const std::string& path);

/// Errors: UsageError if an option for outputs applies to none of these.
void require_options_apply(const Options& options, const std::vector<Output>& outputs);

/// Prints a line on stderr, unless the options ask for silence.
void warn(const Options& options, const std::string& message);

}  // namespace varve::cli
