#pragma once

#include <string>
#include <string_view>

namespace varve::cli {

/// Says what a name that no function has may have meant: "; ...", or nothing.
[[nodiscard]] std::string meant_function(std::string_view name);

}  // namespace varve::cli
