#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

/// What a stage's operations take, in bytes, of inputs that need no reading.
struct RepeatedWork {
  double bytes = 0;  ///< elements that several tiles need count once per tile
  double min = 0;    ///< every needed element once
};

/// Returns what generators compute for operations: recomputing takes time as reading does. What they compute
/// for elementwise work is not counted: a tile takes at most as many elements as it has.
[[nodiscard]] RepeatedWork generated_work(const Stage& stage);

/// Returns what operations copy of arrays in memory, where neighbouring tiles copy the same.
[[nodiscard]] RepeatedWork copied_work(const Stage& stage, const std::vector<Value>& values);

}  // namespace varve::plan
