#pragma once

#include "cli/options.hpp"

namespace varve::cli {

// The commands. Each prints its results on stdout. Errors: those of the library, UsageError.

void info_command(const Options& options);
void compute_command(const Options& options);
void convert_command(const Options& options);
void explain_command(const Options& options);
void functions_command(const Options& options);
void documents_command(const Options& options);

}  // namespace varve::cli
