#pragma once

#include <string>
#include <string_view>

namespace varve::cli {

// What to write instead, for mistakes that have one common reason. All return "; ..." to be put behind the
// message, or nothing.

/// For a function or name that NumPy and its kin have and expressions have not.
[[nodiscard]] std::string remedy_for_name(std::string_view name);

/// For an operator that refused its operands.
[[nodiscard]] std::string remedy_for_operator(std::string_view symbol);

/// For what the grammar does not know: the text up to where it stopped, and the rest.
[[nodiscard]] std::string remedy_for_syntax(std::string_view before, std::string_view rest);

}  // namespace varve::cli
