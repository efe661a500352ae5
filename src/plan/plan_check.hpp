#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

/// Checks all that a run relies on without looking, but for what operators make of their inputs, which is
/// checked while they run: plans that the planner made pass. Errors: FormatError, with the rule that is
/// broken.
void require_valid(const Plan& plan);

}  // namespace varve::plan
