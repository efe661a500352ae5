#pragma once

#include "cli/options.hpp"

namespace varve::cli {

/// Opens the inputs of a command in a child process first, if libhdf5 reads any of them, so that a file on
/// which it crashes ends in a message. Costs a process and a second opening of each such input.
/// Errors: ReportedError.
void try_inputs(const Options& options);

/// Prints what is on its way to the standard output. Errors: StorageError.
void flush_output();

}  // namespace varve::cli
