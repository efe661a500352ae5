#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

/// Returns the bytes of its sources that any plan for the same results must read: what is needed of each,
/// once, by the sizes of its stored chunks; or what a bound known for one of its operations says, if that is
/// more.
[[nodiscard]] std::int64_t min_bytes_read(const Plan& plan);

}  // namespace varve::plan
