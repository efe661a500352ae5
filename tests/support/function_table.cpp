#include "support/function_table.hpp"

#include <fstream>

namespace varve::test {

std::vector<FunctionRow> function_table() {
  std::ifstream file(VARVE_FUNCTION_ROWS);
  std::vector<FunctionRow> found;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t first = line.find(" | ");
    const std::size_t second = line.find(" | ", first + 3);
    found.push_back({line.substr(0, first), line.substr(first + 3, second - first - 3)});
  }
  return found;
}

}  // namespace varve::test
