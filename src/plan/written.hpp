#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

// Where a write sink puts what a tile makes. Stages that write several outputs of one operation make tiles of
// its first output; what belongs to them of the others is theirs to store.

/// Returns the operator whose several outputs a stage writes; null for stages that write their domain.
[[nodiscard]] const expr::BoxOperator* writes_outputs_of(const Stage& stage);

/// Returns the box of a sink's value that a tile makes.
[[nodiscard]] Box written_box(const Stage& stage, const WriteSink& sink, const Box& tile);
/// Returns the extents of such a box, for tiles of these extents.
[[nodiscard]] Shape written_extents(const Stage& stage, const WriteSink& sink, const Shape& tile);
/// Returns the tiles of the stage as they cut a sink's value.
[[nodiscard]] ChunkGrid written_tiles(const Stage& stage, const WriteSink& sink);
/// Returns the axis of a sink's value that runs with an axis of the domain; -1: there is none, and tiles hold
/// all of that axis.
[[nodiscard]] std::int64_t written_axis(const Stage& stage, const WriteSink& sink, std::int64_t axis);

}  // namespace varve::plan
