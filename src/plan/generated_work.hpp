#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

/// Is what generators compute for the operations of a stage, in bytes: recomputing takes time as reading
/// does. What is computed for elementwise work is not counted: a tile takes at most as many elements as it
/// has.
struct GeneratedWork {
  double bytes = 0;  ///< elements that several tiles need count once per tile
  double least = 0;  ///< every needed element once
};

[[nodiscard]] GeneratedWork generated_work(const Stage& stage);

}  // namespace varve::plan
