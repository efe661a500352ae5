#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.hpp"

namespace varve::cli {

// The function table, by family. Adding a function is one row in one of them.
[[nodiscard]] std::span<const Function> elementwise_functions() noexcept;
[[nodiscard]] std::span<const Function> reduction_functions() noexcept;
[[nodiscard]] std::span<const Function> array_functions() noexcept;
[[nodiscard]] std::span<const Function> gather_functions() noexcept;
[[nodiscard]] std::span<const Function> window_functions() noexcept;
[[nodiscard]] std::span<const Function> scan_functions() noexcept;
[[nodiscard]] std::span<const Function> random_functions() noexcept;
[[nodiscard]] std::span<const Function> selection_functions() noexcept;
[[nodiscard]] std::span<const Function> linear_algebra_functions() noexcept;

/// Returns the row of a function, found by its name or by another name that NumPy has for it; null if there
/// is none.
[[nodiscard]] const Function* find_function(std::string_view name) noexcept;

/// Lists all functions, family by family.
[[nodiscard]] std::vector<const Function*> all_functions();

/// Says what a name that no function has may have meant: "; ...", or nothing.
[[nodiscard]] std::string meant_function(std::string_view name);

/// Lists every name that `find_function` knows.
[[nodiscard]] std::vector<std::string_view> function_names();

/// Calls a function. Errors: LocatedError for arguments that do not fit; what the library throws.
[[nodiscard]] Value call(const Function& function, std::vector<GivenArgument> arguments,
                         std::int64_t position);

}  // namespace varve::cli
