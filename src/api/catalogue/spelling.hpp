#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace varve::catalogue {

/// Returns "; did you mean 'mean'?" for the known name nearest to a misspelt one; empty if none is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace varve::catalogue
