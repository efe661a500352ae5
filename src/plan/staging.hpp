#pragma once

#include <vector>

#include "plan/lowering.hpp"

namespace varve::plan {

/// Groups tasks into stages, in the order in which they can run. Tasks of one level that stream a common
/// source over the same domain share a scan, unless `share_scans` is off or their reduction blocks disagree.
/// Tiles are not chosen yet.
[[nodiscard]] std::vector<Stage> make_stages(Lowering& lowering, bool share_scans);

}  // namespace varve::plan
