#pragma once

#include <vector>

#include "cli/options.hpp"
#include "io/formats.hpp"
#include "varve/compute.hpp"

namespace varve::cli {

/// Checks, before anything is computed, that the outputs, report and trace can be written where the options
/// say, and are none of the inputs. Errors: ArgumentError, StorageError.
void require_places(const std::vector<std::string>& paths, const std::vector<Array>& inputs,
                    const Options& options);

/// Runs outputs with the progress bar, cancellation, report and trace that the options ask for.
/// Errors: those of varve::run. Report and trace may remain unwritten: see `require_written`.
RunResult run_outputs(const std::vector<Output>& outputs, const Options& options);

/// Errors: StorageError if report or trace could not be written. Call it when all results are where they
/// belong.
void require_written(const RunReport& report);

/// Returns how an output of a format is to be written: chunks and codec only where it has them. Where the
/// user named a variable, overwriting keeps the others of the file.
[[nodiscard]] SaveOptions save_options(const Options& options, const io::Format& format, bool names_variable);

/// Errors: UsageError if an option for outputs applies to none of the formats that are written.
void require_options_apply(const Options& options, const std::vector<const io::Format*>& written);

/// Prints a line on stderr, unless the options ask for silence.
void warn(const Options& options, const std::string& message);

}  // namespace varve::cli
