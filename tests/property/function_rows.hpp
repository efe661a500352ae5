#pragma once

#include <string>
#include <vector>

#include "cli/evaluate.hpp"
#include "varve/varve.hpp"

namespace varve::test {

/// Is an expression that calls a function of the catalogue, over the inputs below.
struct FunctionRow {
  std::string function;
  std::string expression;
};

/// Lists the rows of data/functions.txt, and of the elementwise functions that need none there.
[[nodiscard]] std::vector<FunctionRow> function_rows();

/// Returns the inputs that the rows name, opened from files.
[[nodiscard]] const cli::Names& function_inputs();
/// Returns a checksum over their files.
[[nodiscard]] std::string function_inputs_checksum();

/// Builds an expression over the inputs.
[[nodiscard]] std::vector<Output> outputs_of(const std::string& expression);

}  // namespace varve::test
