#include "varve/blocks.hpp"

#include <algorithm>

#include "api/block_task.hpp"
#include "ops/blocks/blocks.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

void require_extents(const Shape& extents, std::int64_t ndim, const std::string& what) {
  if (extents.size() == ndim &&
      std::all_of(extents.begin(), extents.end(), [](std::int64_t n) { return n > 0; }))
    return;
  throw ShapeError("map_blocks: " + what + " " + to_string(extents) + " do not suit an array of " +
                   std::to_string(ndim) + " axes; give one positive extent per axis");
}

// The common shape, cut as the options say or as the largest input is.
ChunkGrid common_grid(const std::vector<Array>& inputs, const std::optional<Shape>& chunks) {
  if (inputs.empty()) throw ShapeError("map_blocks: no inputs; give at least one array");
  Shape shape = inputs[0].shape();
  const Array* largest = &inputs[0];
  for (const Array& input : inputs) {
    shape = broadcast_shapes(shape, input.shape(), "map_blocks");
    if (input.size() > largest->size()) largest = &input;
  }
  if (chunks) {
    require_extents(*chunks, shape.size(), "chunks of");
    return {shape, *chunks};
  }
  return expr::make_view(largest->node(), expr::IndexMap::broadcast(largest->shape(), shape))->grid;
}

}  // namespace

Array map_blocks(const std::vector<Array>& inputs, BlockFunction function, const MapBlocksOptions& options) {
  const ChunkGrid cells = common_grid(inputs, options.chunks);
  ChunkGrid result = cells;
  if (options.result_block) {
    require_extents(*options.result_block, cells.ndim(), "results of");
    Shape shape = cells.counts();
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      shape[axis] = checked_multiply(shape[axis], (*options.result_block)[axis], "map_blocks");
    }
    result = ChunkGrid(shape, *options.result_block);
  }
  return Array(ops::own_blocks(
      result, options.dtype.value_or(inputs[0].dtype()), api::nodes_of(inputs), cells,
      std::vector<std::int64_t>(inputs.size(), 0),
      api::task_of("map_blocks", std::move(function), options.workspace_bytes, options.identity)));
}

}  // namespace varve
