#pragma once

#include <string>
#include <vector>

#include "io/format.hpp"
#include "io/format/hdf5_handle.hpp"

namespace varve::io::hdf5 {

/// Describes an open file: root attributes, and all arrays below the root in the file's order, groups entered
/// once.
[[nodiscard]] FileSummary summarize(hid_t file);

/// Returns the name to open: `variable` if the file has it, or its only readable array if `variable` is
/// empty. Errors: Error naming the variables.
[[nodiscard]] std::string choose_variable(hid_t file, const std::string& path, const std::string& variable);

}  // namespace varve::io::hdf5
