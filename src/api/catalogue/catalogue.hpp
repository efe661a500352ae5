#pragma once

#include "api/catalogue/arguments.hpp"
#include "api/catalogue/function.hpp"

namespace varve::catalogue {

/// Lists all public functions, family by family. Made at the first call; safe to call from any thread.
[[nodiscard]] const std::vector<Function>& functions();

/// Returns the function of that name, or with that other name; null if there is none.
[[nodiscard]] const Function* find_function(std::string_view name);

/// Lists every name that `find_function` knows.
[[nodiscard]] std::vector<std::string_view> function_names();

/// Calls a function. `position` is where the call stands. Errors: CallError for arguments that do not fit;
/// what the function throws.
[[nodiscard]] Value call(const Function& function, std::vector<GivenArgument> arguments,
                         std::int64_t position);

}  // namespace varve::catalogue
