#include "plan/written.hpp"

#include <algorithm>

namespace varve::plan {
namespace {

const expr::OperatorOutput& output_of(const Stage& stage, const WriteSink& sink) {
  return writes_outputs_of(stage)->outputs()[static_cast<std::size_t>(sink.output)];
}

}  // namespace

const expr::BoxOperator* writes_outputs_of(const Stage& stage) {
  if (stage.writes.empty() || stage.program.leaves.size() != 1) return nullptr;
  const expr::BoxOperator* op = stage.program.leaves.front().operation();
  return op != nullptr && !op->outputs().empty() ? op : nullptr;
}

Box written_box(const Stage& stage, const WriteSink& sink, const Box& tile) {
  return writes_outputs_of(stage) == nullptr ? tile : output_of(stage, sink).part(tile);
}

Shape written_extents(const Stage& stage, const WriteSink& sink, const Shape& tile) {
  return writes_outputs_of(stage) == nullptr ? tile : output_of(stage, sink).extents(tile);
}

ChunkGrid written_tiles(const Stage& stage, const WriteSink& sink) {
  const ChunkGrid& tiles = stage.tiling.tiles;
  if (writes_outputs_of(stage) == nullptr) return tiles;
  const expr::OperatorOutput& output = output_of(stage, sink);
  Index offset(output.grid.ndim(), 0);
  for (std::int64_t axis = 0; axis < offset.size(); ++axis) {
    const std::int64_t followed = output.along[static_cast<std::size_t>(axis)];
    if (followed >= 0) offset[axis] = tiles.offset()[followed];
  }
  return {output.grid.shape(), output.extents(tiles.chunks()), offset};
}

std::int64_t written_axis(const Stage& stage, const WriteSink& sink, std::int64_t axis) {
  if (writes_outputs_of(stage) == nullptr) return axis;
  const std::vector<std::int64_t>& along = output_of(stage, sink).along;
  const auto found = std::find(along.begin(), along.end(), axis);
  return found == along.end() ? -1 : found - along.begin();
}

}  // namespace varve::plan
