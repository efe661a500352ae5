#include <algorithm>

#include "api/axis_list.hpp"
#include "api/block_task.hpp"
#include "kernels/copy.hpp"
#include "ops/blocks/blocks.hpp"
#include "varve/blocks.hpp"
#include "varve/core/error.hpp"
#include "varve/manipulation.hpp"

namespace varve {
namespace {

// States that one node of the tree merges.
constexpr std::int64_t kFanIn = 16;

using AxisList = std::vector<std::int64_t>;

AxisList reduced_axes(const Axes& axis, const Array& x) {
  AxisList axes = api::sorted_axis_list(axis, x, "reduction");
  for (const std::int64_t i : axes) {
    if (x.shape()[i] == 0)
      throw ShapeError("reduction: axis " + std::to_string(i) + " of " + to_string(x.shape()) +
                       " has no elements");
  }
  return axes;
}

// Drops axes of extent 1, of which the last come first.
template <class Byte>
BasicView<Byte> without(BasicView<Byte> view, const AxisList& axes) {
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    view.shape.erase(*axis);
    view.byte_strides.erase(*axis);
  }
  return view;
}

/// Builds the nodes of one reduction. States are arrays with the axes of x, of which those reduced count
/// blocks, and one more axis for the elements of a state.
class ReductionTree {
 public:
  ReductionTree(const Array& x, AxisList axes, const BlockReduction& functions,
                const ReductionOptions& options)
      : x_(x),
        axes_(std::move(axes)),
        functions_(functions),
        options_(options),
        identity_(api::identity_of_function("reduction", options.identity)) {}

  Array build() {
    Array states = blocks_of_x();
    for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
      while (states.shape()[*axis] > 1) states = merged(states, *axis);
    }
    const Array result = finished(states);
    return options_.keepdims ? result : squeeze(result, Axes(axes_));
  }

 private:
  [[nodiscard]] DType state_dtype() const { return options_.state_dtype.value_or(x_.dtype()); }
  [[nodiscard]] std::uint64_t level_identity() { return expr::mix_hash(identity_, level_++); }
  static ChunkGrid with_axis(const ChunkGrid& grid, std::int64_t extent) {
    Shape shape = grid.shape();
    Shape chunks = grid.chunks();
    Index offset = grid.offset();
    shape.push_back(extent);
    chunks.push_back(extent);
    offset.push_back(0);
    return {shape, chunks, offset};
  }
  // The grid with `count` chunks of one element along an axis.
  static ChunkGrid counted(const ChunkGrid& grid, std::int64_t axis) {
    Shape shape = grid.shape();
    Shape chunks = grid.chunks();
    Index offset = grid.offset();
    shape[axis] = grid.count(axis);
    chunks[axis] = 1;
    offset[axis] = 0;
    return {shape, chunks, offset};
  }

  Array blocks_of_x() {
    grid_ = options_.chunks ? ChunkGrid(x_.shape(), *options_.chunks) : x_.chunks();
    const ChunkGrid cells = grid_;
    for (const std::int64_t axis : axes_) grid_ = counted(grid_, axis);
    ops::BlockTask task{
        "reduction", {}, options_.workspace_bytes, level_identity(), !options_.identity.empty()};
    task.function = [chunk = functions_.chunk, axes = axes_](std::span<const StridedView> inputs,
                                                             const StridedView& out,
                                                             const ops::BlockPlace& place) {
      api::naming_block("reduction", place, [&] {
        chunk(varve::as_const(inputs[0]), without(out, axes), {place.box, place.index, place.workspace});
      });
    };
    return Array(ops::own_blocks(with_axis(grid_, options_.state_size), state_dtype(), {x_.node()}, cells,
                                 {0}, std::move(task)));
  }

  Array merged(const Array& states, std::int64_t axis) {
    Shape chunks = grid_.chunks();
    chunks[axis] = kFanIn;
    const ChunkGrid cells(grid_.shape(), chunks, grid_.offset());
    grid_ = counted(cells, axis);
    ops::BlockTask task{"reduction", {}, 0, level_identity(), !options_.identity.empty()};
    task.function = [combine = functions_.combine, axes = axes_, axis](std::span<const StridedView> inputs,
                                                                       const StridedView& out,
                                                                       const ops::BlockPlace& place) {
      for (std::int64_t i = 0; i < inputs[0].shape[axis]; ++i) {
        Box one(inputs[0].shape);
        one.lo[axis] = i;
        one.hi[axis] = i + 1;
        const ConstStridedView state = varve::as_const(inputs[0].sub(one));
        if (i == 0) {
          kernels::copy(state, out);
        } else {
          api::naming_block("reduction", place, [&] { combine(without(state, axes), without(out, axes)); });
        }
      }
    };
    return Array(ops::own_blocks(with_axis(grid_, options_.state_size), state_dtype(), {states.node()}, cells,
                                 {1}, std::move(task)));
  }

  Array finished(const Array& states) {
    if (!functions_.finish) return squeeze(states, Axes(states.ndim() - 1));
    ops::BlockTask task{"reduction", {}, 0, level_identity(), !options_.identity.empty()};
    task.function = [finish = functions_.finish, axes = axes_](std::span<const StridedView> inputs,
                                                               const StridedView& out,
                                                               const ops::BlockPlace& place) {
      api::naming_block("reduction", place,
                        [&] { finish(without(varve::as_const(inputs[0]), axes), without(out, axes)); });
    };
    return Array(ops::own_blocks(grid_, options_.dtype.value_or(state_dtype()), {states.node()}, grid_, {1},
                                 std::move(task)));
  }

  const Array& x_;
  AxisList axes_;
  const BlockReduction& functions_;
  const ReductionOptions& options_;
  ChunkGrid grid_;  ///< of the states, without the axis of their elements
  std::uint64_t identity_;
  std::uint64_t level_ = 0;
};

}  // namespace

Array reduction(const Array& x, const BlockReduction& functions, const ReductionOptions& options) {
  if (!functions.chunk || !functions.combine)
    throw Error("reduction: give a function for blocks and one that merges");
  if (options.state_size < 1) throw ShapeError("reduction: a state has at least one element");
  if (options.chunks && options.chunks->size() != x.ndim()) {
    throw ShapeError("reduction: chunks " + to_string(*options.chunks) + " do not suit the shape " +
                     to_string(x.shape()));
  }
  const DType state = options.state_dtype.value_or(x.dtype());
  if (!functions.finish && options.state_size != 1) {
    throw ShapeError("reduction: states of " + std::to_string(options.state_size) +
                     " elements need a function that finishes");
  }
  if (!functions.finish && options.dtype.value_or(state) != state) {
    throw DTypeError("reduction: a result of another dtype than the state's needs a function that finishes");
  }
  return ReductionTree(x, reduced_axes(options.axis, x), functions, options).build();
}

}  // namespace varve
