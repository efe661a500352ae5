#include "expr/node.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "expr/natural_chunks.hpp"
#include "varve/core/error.hpp"

namespace varve::expr {
namespace {

std::uint64_t hash_bytes(std::uint64_t seed, const void* data, std::size_t n) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < n; ++i) seed = (seed ^ bytes[i]) * 0x100000001b3ULL;
  return seed;
}

std::uint64_t hash_view(const ConstStridedView& view) {
  std::uint64_t seed = mix_hash(1, reinterpret_cast<std::uintptr_t>(view.data));
  for (const std::int64_t stride : view.byte_strides)
    seed = mix_hash(seed, static_cast<std::uint64_t>(stride));
  return seed;
}

struct PayloadHash {
  std::uint64_t operator()(const DatasetSource& source) const {
    const io::DatasetInfo& info = source.dataset->info();
    const std::string key = info.identity.empty() ? info.location : info.location + '\n' + info.identity;
    return hash_bytes(2, key.data(), key.size());
  }
  std::uint64_t operator()(const MemorySource& source) const { return hash_view(source.view); }
  std::uint64_t operator()(const GeneratorSource& source) const {
    return mix_hash(3, source.generator->hash());
  }
  std::uint64_t operator()(const ConstantSource& source) const {
    return hash_bytes(4, source.element.data(), 16);
  }
  std::uint64_t operator()(const View& view) const { return mix_hash(5, view.map.hash()); }
  std::uint64_t operator()(const Elementwise& op) const {
    return mix_hash(mix_hash(6, static_cast<std::uint64_t>(op.op)),
                    static_cast<std::uint64_t>(op.compute_dtype));
  }
  std::uint64_t operator()(const Cast&) const { return 7; }
  std::uint64_t operator()(const Reduce& reduce) const {
    std::uint64_t seed = mix_hash(8, static_cast<std::uint64_t>(reduce.op));
    for (const std::int64_t axis : reduce.axes) seed = mix_hash(seed, static_cast<std::uint64_t>(axis));
    return hash_bytes(seed, &reduce.correction, sizeof reduce.correction);
  }
  std::uint64_t operator()(const Operation& operation) const {
    return mix_hash(mix_hash(9, operation.op->hash()), static_cast<std::uint64_t>(operation.output));
  }
  std::uint64_t operator()(const Materialised&) const { return 10; }
};

// Whoever asks for the bytes of an array, later, may rely on their number.
void require_countable(const Node& node) {
  const std::int64_t bytes = saturating_multiply(saturating_count(node.shape), size_bytes(node.dtype));
  if (bytes < std::numeric_limits<std::int64_t>::max()) return;
  throw ShapeError(
      "an array of shape " + to_string(node.shape) + " and dtype " + std::string(name_of(node.dtype)) +
      " has too many bytes: their number does not fit in 63 bits; make it smaller, or take a part of the "
      "operands first");
}

// Whether a view shows computed elements more than once: they may then be computed whole before.
bool stretches_work(const Node& node) {
  const auto* view = node.as<View>();
  if (view == nullptr) return false;
  const Node& input = *node.inputs[0];
  if (input.as<Elementwise>() == nullptr && input.as<Cast>() == nullptr) return false;
  const std::vector<bool> used = view->map.used_axes();
  return std::find(used.begin(), used.end(), false) != used.end();
}

// Counts levels. Reductions and stored arrays are made before what reads them, so nothing runs inside them.
void measure(Node& node) {
  const bool is_operation = node.as<Operation>() != nullptr;
  const bool runs_apart = node.as<Reduce>() != nullptr || node.as<Materialised>() != nullptr;
  const std::int64_t levels = is_operation || runs_apart || stretches_work(node) ? 1 : 0;
  node.depth = 1;
  node.nested = is_operation ? 1 : 0;
  for (const NodePtr& input : node.inputs) {
    node.depth = std::max(node.depth, input->depth + levels);
    if (!runs_apart) node.nested = std::max(node.nested, input->nested + (is_operation ? 1 : 0));
  }
  if (node.depth <= kMaxDepth) return;
  throw ArgumentError(
      "the expression is too deep: each of more than " + std::to_string(kMaxDepth) +
      " operations and reductions takes the result of the one before; compute a part of it first, and go on "
      "from its values");
}

/// Destroys nodes one after the other: were each destroyed by the one that reads it, chains of them would
/// need more stack than there is.
struct ReleaseNode {
  void operator()(const Node* node) const noexcept {
    static thread_local const Node* waiting = nullptr;
    static thread_local bool is_destroying = false;
    node->next_released = std::exchange(waiting, node);
    if (std::exchange(is_destroying, true)) return;
    while (waiting != nullptr) {
      const Node* next = waiting;
      waiting = next->next_released;
      delete next;
    }
    is_destroying = false;
  }
};

NodePtr shared(Node node) { return {new Node(std::move(node)), ReleaseNode()}; }

// `labels`: where they are not those that follow from the inputs.
NodePtr finish(Node node, std::uint64_t salt = 0, const AxisLabelsPtr* labels = nullptr) {
  require_countable(node);
  measure(node);
  std::vector<std::uint64_t> inputs;
  for (const NodePtr& input : node.inputs) inputs.push_back(input->hash);
  node.hash = mix_hash(hash_of(node, inputs), salt);
  node.labels = labels != nullptr ? *labels : infer_labels(node);
  return shared(std::move(node));
}

// Holds whole what nests too many operations already.
void hold_nested(std::vector<NodePtr>& inputs) {
  for (NodePtr& input : inputs) {
    if (input->nested >= kMaxNested) input = make_materialised(input);
  }
}

// The elements that stand behind a node before any view stretched it.
std::int64_t weight_of(const Node& node) {
  if (node.as<ConstantSource>() != nullptr) return 0;
  if (const auto* view = node.as<View>()) {
    const std::vector<bool> used = view->map.used_axes();
    std::int64_t count = 1;
    for (std::int64_t axis = 0; axis < node.shape.size(); ++axis) {
      if (used[static_cast<std::size_t>(axis)]) count = saturating_multiply(count, node.shape[axis]);
    }
    return node.inputs[0]->as<ConstantSource>() != nullptr ? 0 : count;
  }
  return element_count(node.shape);
}

}  // namespace

std::uint64_t hash_of(const ChunkGrid& grid) noexcept {
  std::uint64_t seed = 11;
  for (const std::int64_t extent : grid.chunks()) seed = mix_hash(seed, static_cast<std::uint64_t>(extent));
  for (const std::int64_t offset : grid.offset()) seed = mix_hash(seed, static_cast<std::uint64_t>(offset));
  return seed;
}

std::uint64_t hash_of(const Node& node, const std::vector<std::uint64_t>& input_hashes) {
  std::uint64_t seed = std::visit(PayloadHash{}, node.payload);
  seed = mix_hash(seed, static_cast<std::uint64_t>(node.dtype));
  for (const std::int64_t extent : node.shape) seed = mix_hash(seed, static_cast<std::uint64_t>(extent));
  for (const std::uint64_t input : input_hashes) seed = mix_hash(seed, input);
  return node.as<Reduce>() != nullptr ? mix_hash(seed, hash_of(node.inputs[0]->grid)) : seed;
}

NodePtr make_dataset(std::shared_ptr<const io::Dataset> dataset) {
  const io::DatasetInfo& info = dataset->info();
  const ChunkGrid grid = info.grid;
  return finish({info.shape, info.dtype, grid, {}, DatasetSource{dataset}, 0});
}

NodePtr make_memory(const ConstStridedView& view, std::shared_ptr<const void> owner,
                    std::shared_ptr<const Descent> descent) {
  const ChunkGrid grid = default_grid(view.shape, size_bytes(view.dtype));
  MemorySource source{view, std::move(owner), std::move(descent)};
  return finish({view.shape, view.dtype, grid, {}, std::move(source), 0});
}

NodePtr make_generator(const Shape& shape, DType dtype, const ChunkGrid& grid,
                       std::shared_ptr<const Generator> generator) {
  return finish({shape, dtype, grid, {}, GeneratorSource{std::move(generator)}, 0});
}

NodePtr make_constant(const Shape& shape, DType dtype, const Scalar& value, const ChunkGrid& grid) {
  ConstantSource source;
  value.store(dtype, source.element.data());
  return finish({shape, dtype, grid, {}, source, 0});
}

NodePtr make_view(const NodePtr& input, const IndexMap& map) {
  if (map.is_identity(input->shape)) return input;
  if (const auto* view = input->as<View>()) {
    const NodePtr& base = input->inputs[0];
    const IndexMap composed = view->map.after(map);
    const AxisLabelsPtr labels = view_labels(*input, map);
    if (composed.is_identity(base->shape)) return with_labels(base, labels);
    return finish(
        {composed.output_shape(), input->dtype, view_grid(input->grid, map), {base}, View{composed}, 0}, 0,
        &labels);
  }
  if (input->as<ConstantSource>() != nullptr) {
    Node node = *input;
    node.shape = map.output_shape();
    node.grid = view_grid(input->grid, map);
    const AxisLabelsPtr labels = view_labels(*input, map);
    return finish(std::move(node), 0, &labels);
  }
  return finish({map.output_shape(), input->dtype, view_grid(input->grid, map), {input}, View{map}, 0});
}

NodePtr make_elementwise(kernels::ElementwiseOp op, DType compute_dtype, DType dtype,
                         std::vector<NodePtr> inputs) {
  std::vector<ChunkGrid> grids;
  std::vector<std::int64_t> weights;
  for (const NodePtr& input : inputs) {
    grids.push_back(input->grid);
    weights.push_back(weight_of(*input));
  }
  const Shape shape = inputs[0]->shape;
  const ChunkGrid grid = elementwise_grid(grids, weights);
  return finish({shape, dtype, grid, std::move(inputs), Elementwise{op, compute_dtype}, 0});
}

NodePtr make_cast(const NodePtr& input, DType dtype) {
  if (input->dtype == dtype) return input;
  return finish({input->shape, dtype, input->grid, {input}, Cast{}, 0});
}

NodePtr make_reduce(kernels::ReduceOp op, DType dtype, const NodePtr& input, std::vector<std::int64_t> axes,
                    double correction) {
  const ChunkGrid grid = reduce_grid(input->grid, axes);
  const Shape shape = grid.shape();
  return finish({shape, dtype, grid, {input}, Reduce{op, std::move(axes), correction}, 0});
}

NodePtr make_operation(const ChunkGrid& grid, DType dtype, std::vector<NodePtr> inputs,
                       std::shared_ptr<const BoxOperator> op) {
  hold_nested(inputs);
  return finish({grid.shape(), dtype, grid, std::move(inputs), Operation{std::move(op)}, 0});
}

std::vector<NodePtr> make_outputs(const std::vector<NodePtr>& inputs,
                                  const std::shared_ptr<const BoxOperator>& op) {
  std::vector<NodePtr> held = inputs;
  hold_nested(held);
  std::vector<NodePtr> made;
  for (const OperatorOutput& output : op->outputs()) {
    const auto number = static_cast<int>(made.size());
    made.push_back(finish({output.grid.shape(), output.dtype, output.grid, held, Operation{op, number}, 0}));
  }
  return made;
}

NodePtr first_output(const Node& node) {
  const auto& op = node.as<Operation>()->op;
  const OperatorOutput& first = op->outputs().front();
  return finish({first.grid.shape(), first.dtype, first.grid, node.inputs, Operation{op}, 0});
}

OperatorOutput aligned_output(const ChunkGrid& grid, DType dtype) {
  std::vector<std::int64_t> axes(static_cast<std::size_t>(grid.ndim()));
  std::iota(axes.begin(), axes.end(), 0);
  return {grid, dtype, std::move(axes)};
}

Box OperatorOutput::part(const Box& box) const {
  Box result(grid.shape());
  for (std::int64_t axis = 0; axis < result.ndim(); ++axis) {
    const std::int64_t followed = along[static_cast<std::size_t>(axis)];
    if (followed < 0) continue;
    result.lo[axis] = box.lo[followed];
    result.hi[axis] = box.hi[followed];
  }
  return result;
}

Shape OperatorOutput::extents(const Shape& box) const {
  Shape result = grid.shape();
  for (std::int64_t axis = 0; axis < result.size(); ++axis) {
    const std::int64_t followed = along[static_cast<std::size_t>(axis)];
    if (followed >= 0) result[axis] = box[followed];
  }
  return result;
}

AxisOrigin Operation::axis_origin(int input, std::int64_t axis) const {
  const std::vector<OperatorOutput>& outputs = op->outputs();
  const std::int64_t of_first =
      outputs.empty() ? axis
                      : outputs[static_cast<std::size_t>(output)].along[static_cast<std::size_t>(axis)];
  return of_first < 0 ? AxisOrigin{} : op->axis_origin(input, of_first);
}

NodePtr make_materialised(const NodePtr& input) {
  if (input->as<Materialised>() != nullptr || input->as<MemorySource>() != nullptr) return input;
  return finish({input->shape, input->dtype, input->grid, {input}, Materialised{}, 0});
}

NodePtr with_grid(const NodePtr& input, const ChunkGrid& grid) {
  std::vector<AxisMap> axes;
  for (std::int64_t axis = 0; axis < input->shape.size(); ++axis) axes.push_back({axis, 0, 1, nullptr});
  return finish({input->shape, input->dtype, grid, {input}, View{IndexMap(input->shape, std::move(axes))}, 0},
                hash_of(grid));
}

NodePtr with_labels(const NodePtr& input, AxisLabelsPtr labels) {
  const AxisLabelsPtr& known = input->labels;
  if (known == labels || (known && labels && *known == *labels)) return input;
  Node node = *input;
  node.labels = std::move(labels);
  node.next_released = nullptr;
  return shared(std::move(node));
}

}  // namespace varve::expr
