#pragma once

#include <vector>

#include "plan/lowering.hpp"

namespace varve::plan {

/// Says which tasks share a stage.
enum class Sharing : std::uint8_t {
  scans,  ///< those of one level that stream a common source over the same domain, by equal reduction blocks
  outputs,  ///< only the outputs of an operation that are made at one time
  none      ///< none: in the least memory, of which tiles may then be parts
};

/// Groups tasks into stages, in the order in which they can run. Tiles are not chosen yet.
[[nodiscard]] std::vector<Stage> make_stages(Lowering& lowering, Sharing sharing);

}  // namespace varve::plan
