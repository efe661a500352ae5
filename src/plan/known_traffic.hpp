#pragma once

#include <map>
#include <optional>
#include <vector>

#include "plan/leaf_reads.hpp"
#include "plan/traffic.hpp"

namespace varve::plan {

/// Remembers what one stage reads with the tiles that were tried: a search over budgets meets the same ones
/// again and again. To be asked about one stage, and copies of it.
class KnownTraffic {
 public:
  /// Returns what a stage reads with its tiles, of which it looks at so many.
  [[nodiscard]] const Traffic& of(const Stage& stage, const std::vector<Value>& values,
                                  std::int64_t tiles_looked_at = kTilesSampled);

 private:
  using Key = std::vector<std::int64_t>;
  [[nodiscard]] Key placements(const Stage& stage, const std::vector<Value>& values);
  [[nodiscard]] const std::vector<LeafReads>& reads_of(const Stage& stage, const std::vector<Value>& values,
                                                       const Key& placements);

  std::optional<std::vector<ValueId>> values_read_;  ///< by the stage
  std::map<Key, std::vector<LeafReads>> reads_;      ///< of its leaves, by where the values lie
  std::map<Key, Traffic> known_;  ///< by where the values lie, tiles, steps, and how many are looked at
};

}  // namespace varve::plan
