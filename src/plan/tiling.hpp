#pragma once

#include <vector>

#include "plan/known_traffic.hpp"

namespace varve::plan {

/// Chooses the tile and step grids, the order of tiles and the number of slots of a stage, so that
/// `state_bytes + slots * slot_bytes <= available_bytes`. Among the ways that fit it takes the one with the
/// least bytes read per slot. Returns false, with the smallest footprint that it found filled in, if none
/// fits.
[[nodiscard]] bool choose_tiles(Stage& stage, const std::vector<Value>& values, std::int64_t available_bytes,
                                int threads, KnownTraffic& known);

/// Returns the tiles that a stage would have if it had that memory.
[[nodiscard]] ChunkGrid expected_tiles(const Stage& stage, const std::vector<Value>& values,
                                       std::int64_t available_bytes, int threads, KnownTraffic& known);

}  // namespace varve::plan
