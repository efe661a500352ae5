#pragma once

#include <string>
#include <vector>

namespace varve::test {

/// One row of data/functions.txt: a function of the catalogue, and an expression that calls it.
struct FunctionRow {
  std::string function;
  std::string expression;
};

/// Reads all rows, in their order.
[[nodiscard]] std::vector<FunctionRow> function_table();

}  // namespace varve::test
