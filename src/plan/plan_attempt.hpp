#pragma once

#include <optional>

#include "plan/lowering.hpp"

namespace varve::plan {

/// Says in which of several ways to plan.
struct Way {
  bool share_scans = true;
  bool in_passes = false;     ///< operations that can read their inputs several times as they lie do so
  bool shares_tiles = false;  ///< all threads work on one tile of an operation at a time: a larger one
};

/// Plans in one way, with those sources copied to scratch. Returns nothing if some stage does not fit.
[[nodiscard]] std::optional<Plan> try_plan(const std::vector<Request>& requests, const Limits& limits,
                                           Way way, const Relayouts& relayouts = {});

}  // namespace varve::plan
