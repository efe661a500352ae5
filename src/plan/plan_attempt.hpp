#pragma once

#include <optional>

#include "plan/lowering.hpp"

namespace varve::plan {

/// Plans in one way: with or without shared scans, and with those sources copied to scratch. Returns nothing if some stage does
/// not fit.
[[nodiscard]] std::optional<Plan> try_plan(const std::vector<Request>& requests, const Limits& limits, bool share_scans,
                                           const Relayouts& relayouts = {});

}  // namespace varve::plan
