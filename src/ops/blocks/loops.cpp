#include <algorithm>

#include "ops/blocks/blocks.hpp"

namespace varve::ops {

std::vector<BlockInput> Loops::block_inputs(const ChunkGrid& result, const std::vector<DType>& dtypes) const {
  Shape counts = cells.counts();
  while (counts.size() < result.ndim())
    counts.push_back(std::min<std::int64_t>(result.count(counts.size()), 1));
  expr::require_parameter(result.counts() == counts, "the result has a block for each cell");
  expr::require_parameter(inputs.size() == core_axes.size() && inputs.size() == dtypes.size(),
                          "inputs have a shape, core axes and a dtype each");
  std::vector<BlockInput> made;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = inputs[i];
    const std::int64_t skipped = cells.ndim() + core_axes[i] - shape.size();  // loop axes that it lacks
    expr::require_parameter(core_axes[i] >= 0 && core_axes[i] <= shape.size() && skipped >= 0 &&
                                cells.ndim() + core_axes[i] <= kMaxNdim,
                            "an input has its core axes, and loop axes of the cells");
    Shape chunks = shape;
    Index offset(shape.size(), 0);
    std::vector<std::int64_t> along(static_cast<std::size_t>(shape.size()), -1);
    for (std::int64_t axis = 0; axis < shape.size() - core_axes[i]; ++axis) {
      const std::int64_t loop = axis + skipped;
      if (shape[axis] == 1) continue;
      expr::require_parameter(shape[axis] == cells.shape()[loop], "loop axes are as long as the cells, or 1");
      chunks[axis] = cells.chunks()[loop];
      offset[axis] = cells.offset()[loop];
      along[static_cast<std::size_t>(axis)] = loop;
    }
    made.push_back({ChunkGrid(shape, chunks, offset), std::move(along), dtypes[i]});
  }
  return made;
}

std::vector<StridedView> Loops::seen(std::span<const StridedView> dense, const ChunkIndex& block) const {
  // Of the block's index, the grid looks at the axes that it has.
  const Shape loop = cells.box_of(block).shape();
  std::vector<StridedView> views;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t skipped = cells.ndim() + core_axes[i] - inputs[i].size();
    StridedView view(dense[i].data, dense[i].dtype, loop, ByteStrides(cells.ndim(), 0));
    for (std::int64_t axis = 0; axis < dense[i].ndim(); ++axis) {
      if (axis + skipped >= cells.ndim()) {
        view.shape.push_back(dense[i].shape[axis]);
        view.byte_strides.push_back(dense[i].byte_strides[axis]);
      } else if (inputs[i][axis] != 1) {
        view.byte_strides[axis + skipped] = dense[i].byte_strides[axis];
      }
    }
    views.push_back(view);
  }
  return views;
}

}  // namespace varve::ops
