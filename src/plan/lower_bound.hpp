#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

/// Returns the bytes of its sources that any plan for the same results must read: what is needed of each, once, by the sizes of
/// its stored chunks.
[[nodiscard]] std::int64_t least_bytes_read(const Plan& plan);

}  // namespace varve::plan
