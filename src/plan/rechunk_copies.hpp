#pragma once

#include "plan/lowering.hpp"

namespace varve::plan {

/// Returns the bytes of the shortest of the pieces by which sources are copied to scratch, edges aside.
/// INT64_MAX if none are.
[[nodiscard]] std::int64_t shortest_piece_bytes(const Plan& plan);

/// Where a plan copies a source in pieces shorter than `min_bytes`, adds copies in between, whose boxes
/// lead from those that the source is written by to those that it is read by: the fewest that make pieces
/// long enough. Returns whether there are any.
bool add_copies(const Plan& plan, std::int64_t min_bytes, Rechunks& rechunks);

}  // namespace varve::plan
