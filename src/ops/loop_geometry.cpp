#include <algorithm>

#include "ops/blocks.hpp"

namespace varve::ops {
namespace {

class LoopGeometry final : public BlockGeometry {
 public:
  LoopGeometry(ChunkGrid cells, std::vector<Shape> inputs, std::vector<std::int64_t> core_axes)
      : cells_(std::move(cells)), inputs_(std::move(inputs)), core_axes_(std::move(core_axes)) {}

  [[nodiscard]] Box input_box(int input, const ChunkIndex& block) const override {
    Box box(shape(input));
    for (std::int64_t axis = 0; axis < loop_axes(input); ++axis) {
      if (shape(input)[axis] == 1) continue;
      const std::int64_t loop = axis + skipped(input);
      const std::int64_t start = block[loop] * cells_.chunks()[loop] - cells_.offset()[loop];
      box.lo[axis] = std::max<std::int64_t>(start, 0);
      box.hi[axis] = std::min(start + cells_.chunks()[loop], cells_.shape()[loop]);
    }
    return box;
  }

  [[nodiscard]] Shape largest_input(int input) const override {
    Shape largest = shape(input);
    for (std::int64_t axis = 0; axis < loop_axes(input); ++axis) {
      if (largest[axis] != 1) largest[axis] = cells_.chunks()[axis + skipped(input)];
    }
    return largest;
  }

  [[nodiscard]] StridedView seen(int input, const StridedView& dense,
                                 const ChunkIndex& block) const override {
    StridedView view(dense.data, dense.dtype, cell_of(block).shape(), ByteStrides(cells_.ndim(), 0));
    for (std::int64_t axis = 0; axis < dense.ndim(); ++axis) {
      if (axis >= loop_axes(input)) {
        view.shape.push_back(dense.shape[axis]);
        view.byte_strides.push_back(dense.byte_strides[axis]);
      } else if (shape(input)[axis] != 1) {
        view.byte_strides[axis + skipped(input)] = dense.byte_strides[axis];
      }
    }
    return view;
  }

 private:
  [[nodiscard]] const Shape& shape(int input) const { return inputs_[static_cast<std::size_t>(input)]; }
  [[nodiscard]] std::int64_t loop_axes(int input) const {
    return shape(input).size() - core_axes_[static_cast<std::size_t>(input)];
  }
  // Loop axes that the input lacks in front.
  [[nodiscard]] std::int64_t skipped(int input) const { return cells_.ndim() - loop_axes(input); }
  [[nodiscard]] Box cell_of(const ChunkIndex& block) const {
    ChunkIndex cell(cells_.ndim(), 0);
    for (std::int64_t axis = 0; axis < cells_.ndim(); ++axis) cell[axis] = block[axis];
    return cells_.box_of(cell);
  }

  ChunkGrid cells_;
  std::vector<Shape> inputs_;
  std::vector<std::int64_t> core_axes_;
};

}  // namespace

std::shared_ptr<const BlockGeometry> loop_geometry(const ChunkGrid& cells, const std::vector<Shape>& inputs,
                                                   const std::vector<std::int64_t>& core_axes) {
  return std::make_shared<LoopGeometry>(cells, inputs, core_axes);
}

}  // namespace varve::ops
