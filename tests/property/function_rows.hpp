#pragma once

#include <string>
#include <vector>

#include "cli/evaluate.hpp"
#include "support/function_table.hpp"
#include "varve/varve.hpp"

namespace varve::test {

/// Lists the rows of data/functions.txt, over the inputs below, and of the elementwise functions that need
/// none there.
[[nodiscard]] std::vector<FunctionRow> function_rows();

/// Returns the inputs that the rows name, opened from files.
[[nodiscard]] const cli::Names& function_inputs();
/// Returns a checksum over their files.
[[nodiscard]] std::string function_inputs_checksum();

/// Builds an expression over the inputs.
[[nodiscard]] std::vector<Output> outputs_of(const std::string& expression);

}  // namespace varve::test
