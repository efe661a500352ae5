#pragma once

#include <array>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "expr/axis_labels.hpp"
#include "expr/box_operator.hpp"
#include "expr/descent.hpp"
#include "expr/generator.hpp"
#include "expr/index_map.hpp"
#include "io/dataset.hpp"
#include "kernels/elementwise.hpp"
#include "kernels/reduce.hpp"
#include "varve/core/chunk_grid.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::expr {

/// Reads an array of a store.
struct DatasetSource {
  std::shared_ptr<const io::Dataset> dataset;
};
/// Views memory that lives as long as `owner`.
struct MemorySource {
  ConstStridedView view;
  std::shared_ptr<const void> owner;
  /// Of computed values, null where no file says anything of them; no part of what they are.
  std::shared_ptr<const Descent> descent = {};
};
/// Makes values box by box; called from several threads at once.
struct GeneratorSource {
  std::shared_ptr<const Generator> generator;
};
/// One value everywhere.
struct ConstantSource {
  std::array<std::byte, 16> element{};
};
/// Rearranges the indices of inputs[0].
struct View {
  IndexMap map;
};
/// Computes element by element. All inputs have the node's shape; their dtypes are what the kernel takes.
struct Elementwise {
  kernels::ElementwiseOp op;
  DType compute_dtype;
};
/// Converts inputs[0] to the node's dtype.
struct Cast {};
/// Folds axes of inputs[0]; the axes are sorted, distinct and removed from the shape.
struct Reduce {
  kernels::ReduceOp op;
  std::vector<std::int64_t> axes;
  double correction = 0;
};

/// Makes boxes of the result from boxes of the inputs.
struct Operation {
  std::shared_ptr<const BoxOperator> op;
  int output = 0;  ///< which of several

  /// Tells whether the operator makes other arrays at the same time.
  [[nodiscard]] bool is_of_several() const { return !op->outputs().empty(); }
  /// Does what the operator does for an axis of its first output.
  [[nodiscard]] AxisOrigin axis_origin(int input, std::int64_t axis) const;
};
/// The input, computed once and held whole, in memory or on disk, for all that read it.
struct Materialised {};

using Payload = std::variant<DatasetSource, MemorySource, GeneratorSource, ConstantSource, View, Elementwise,
                             Cast, Reduce, Operation, Materialised>;

/// One node of an expression. Immutable; shared between arrays.
struct Node {
  Shape shape;
  DType dtype = DType::float64;
  ChunkGrid grid;  ///< natural chunks: depends on shapes and grids alone
  std::vector<NodePtr> inputs;
  Payload payload;
  std::uint64_t hash = 0;   ///< structural: equal for expressions that give equal bits, in this process
  std::int64_t depth = 1;   ///< levels of recursion, at most kMaxDepth
  std::int64_t nested = 0;  ///< operations that run inside one another, at most kMaxNested
  mutable const Node* next_released = nullptr;  ///< while it waits to be destroyed
  /// Of the axes; no part of what the node computes. Goes before the inputs, which hold what it is made of.
  AxisLabelsPtr labels = {};

  template <class Kind>
  [[nodiscard]] const Kind* as() const noexcept {
    return std::get_if<Kind>(&payload);
  }
};

/// Bounds what planning needs of the stack: it recurses into operations, reductions, stored arrays, and what
/// a view stretches. Measured: 6 MiB for as many sorts as there can be. Elementwise work, casts and other
/// views may be chained without a bound.
inline constexpr std::int64_t kMaxDepth = 625;
/// Bounds what operations that read one another's results box by box need of the stack of a thread.
inline constexpr std::int64_t kMaxNested = 64;

/// Hashes what a node is, given the hashes of its inputs: everything but the chunks, except those under a
/// reduction, whose order of additions follows from them.
[[nodiscard]] std::uint64_t hash_of(const Node& node, const std::vector<std::uint64_t>& input_hashes);
/// Hashes chunk sizes and offsets.
[[nodiscard]] std::uint64_t hash_of(const ChunkGrid& grid) noexcept;

// Builders. They trust their arguments: checks and messages belong to the callers, who know the operation's
// name. Errors: ShapeError where the array would have more bytes than 63 bits can count; ArgumentError where
// it would be deeper than kMaxDepth.
[[nodiscard]] NodePtr make_dataset(std::shared_ptr<const io::Dataset> dataset);
[[nodiscard]] NodePtr make_memory(const ConstStridedView& view, std::shared_ptr<const void> owner,
                                  std::shared_ptr<const Descent> descent = {});
[[nodiscard]] NodePtr make_generator(const Shape& shape, DType dtype, const ChunkGrid& grid,
                                     std::shared_ptr<const Generator> generator);
[[nodiscard]] NodePtr make_constant(const Shape& shape, DType dtype, const Scalar& value,
                                    const ChunkGrid& grid);
/// Composes with the input where that is a view itself; returns the input for the identity.
[[nodiscard]] NodePtr make_view(const NodePtr& input, const IndexMap& map);
[[nodiscard]] NodePtr make_elementwise(kernels::ElementwiseOp op, DType compute_dtype, DType dtype,
                                       std::vector<NodePtr> inputs);
[[nodiscard]] NodePtr make_cast(const NodePtr& input, DType dtype);
[[nodiscard]] NodePtr make_reduce(kernels::ReduceOp op, DType dtype, const NodePtr& input,
                                  std::vector<std::int64_t> axes, double correction);
/// Holds inputs whole that nest too many operations already.
[[nodiscard]] NodePtr make_operation(const ChunkGrid& grid, DType dtype, std::vector<NodePtr> inputs,
                                     std::shared_ptr<const BoxOperator> op);
/// Makes a node for each output of an operator of several. What wants more than one of them has them made
/// at one time.
[[nodiscard]] std::vector<NodePtr> make_outputs(const std::vector<NodePtr>& inputs,
                                                const std::shared_ptr<const BoxOperator>& op);
/// Returns the first output of the operator that makes `node`, one of several.
[[nodiscard]] NodePtr first_output(const Node& node);
[[nodiscard]] NodePtr make_materialised(const NodePtr& input);
/// Returns the same array with other natural chunks: a hint to whatever cuts it into tiles.
[[nodiscard]] NodePtr with_grid(const NodePtr& input, const ChunkGrid& grid);
/// Returns the same array with other labels.
[[nodiscard]] NodePtr with_labels(const NodePtr& input, AxisLabelsPtr labels);

}  // namespace varve::expr
