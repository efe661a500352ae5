#pragma once

#include <string>
#include <vector>

#include "exec/bindings.hpp"
#include "plan/plan.hpp"

// Plans of expressions over the inputs of the function rows, and how they are run.
namespace varve::test {

/// Lists the expressions of the function rows, and some whose generators take all bits of their parameters.
[[nodiscard]] std::vector<std::string> planned_expressions();

[[nodiscard]] std::vector<plan::Request> requests_of(const std::string& expression);

/// Plans in little memory, so that some values go to scratch; in more where that is too little.
[[nodiscard]] plan::Plan plan_of(const std::vector<plan::Request>& requests);

/// Returns what the sources of a plan that was made here are, to be bound to another.
[[nodiscard]] std::vector<expr::NodePtr> nodes_of(const plan::Plan& plan);

/// Runs a plan in that much memory, and in no less than what any plan is made for. Returns the elements of
/// its first result.
[[nodiscard]] std::vector<std::byte> result_of(const plan::Plan& plan, const exec::Bindings& bindings,
                                               std::int64_t memory_bytes);

}  // namespace varve::test
