#pragma once

#include <optional>

#include "plan/lowering.hpp"
#include "plan/staging.hpp"
#include "plan/tiling.hpp"

namespace varve::plan {

/// Says in which of several ways to plan.
struct Way {
  Sharing sharing = Sharing::scans;
  bool in_passes = false;     ///< operations that can read their inputs several times as they lie do so
  bool shares_tiles = false;  ///< all threads work on one tile of an operation at a time: a larger one
};

/// A plan without tiles: what is the same for every budget and number of threads.
class Draft {
 public:
  /// Lays out the stages in one way, with those sources copied to scratch.
  Draft(const std::vector<Request>& requests, Way way, const Rechunks& rechunks);

  /// Chooses placements and tiles. Returns nothing if some stage does not fit. A long plan may be given away
  /// in that, for its copy would take as much memory again: the draft is then spent, and to be made anew.
  [[nodiscard]] std::optional<Plan> tiled(const Limits& limits);
  [[nodiscard]] bool is_spent() const noexcept { return is_spent_; }
  /// From now on no plan is given away: others will be asked for.
  void keep() noexcept { keeps_ = true; }

  /// Tells whether some stage makes several values.
  [[nodiscard]] bool shares_scans() const;
  /// Tells whether some stage makes several outputs of an operation.
  [[nodiscard]] bool shares_outputs() const;

 private:
  Plan plan_;
  bool keeps_ = false;
  bool is_spent_ = false;
  std::vector<KnownTraffic> known_;  ///< of each stage
};

}  // namespace varve::plan
