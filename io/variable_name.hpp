#pragma once

#include <string>
#include <vector>

namespace varve::io {

/// Returns the part of a variable's name up to its last slash, with it: "forecast/" of "forecast/t".
[[nodiscard]] inline std::string group_of(const std::string& variable) {
  return variable.substr(0, variable.rfind('/') + 1);
}

/// Returns the part behind the last slash: "t" of "forecast/t".
[[nodiscard]] inline std::string base_of(const std::string& variable) {
  return variable.substr(variable.rfind('/') + 1);
}

/// Tells whether a variable is the coordinate of its own dimension, called like it: such have no missing
/// values (CF).
[[nodiscard]] inline bool is_coordinate(const std::string& variable,
                                        const std::vector<std::string>& dimension_names) {
  return dimension_names.size() == 1 && dimension_names.front() == base_of(variable);
}

}  // namespace varve::io
