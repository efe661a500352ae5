#pragma once

#include <set>
#include <string>

namespace varve::test {

/// Returns the names, as the catalogue has them, of the functions returning arrays that a public header
/// declares at namespace level, such as "reductions.hpp". The guards compare them with the rows of the case
/// tables.
[[nodiscard]] std::set<std::string> declared_functions(const std::string& header);

/// Returns the names in `wanted` that are not in `present`, as text; empty if there are none.
[[nodiscard]] std::string missing_names(const std::set<std::string>& wanted,
                                        const std::set<std::string>& present);

}  // namespace varve::test
