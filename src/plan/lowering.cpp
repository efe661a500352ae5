#include "plan/lowering.hpp"

#include <algorithm>
#include <utility>

#include "expr/equality.hpp"
#include "expr/walk.hpp"
#include "ops/elementwise/elementwise_table.hpp"

namespace varve::plan {
namespace {

// A stretched operand is stored when recomputing it per element would cost at least this many times its own
// size.
constexpr std::int64_t kWorthStoring = 4;

struct Selection {
  expr::NodePtr node;
  expr::IndexMap map;
};

// Splits a map into the part that selects (pushed below the node) and the part that stretches (left outside).
struct SplitMap {
  std::vector<expr::AxisMap> select;   // selected index space -> node
  std::vector<expr::AxisMap> stretch;  // domain -> selected index space
  Shape shape;                         // of the selected index space
};

SplitMap split(const expr::IndexMap& map) {
  SplitMap result;
  for (std::int64_t axis = 0; axis < map.input_ndim(); ++axis) {
    expr::AxisMap source = map.axes()[static_cast<std::size_t>(axis)];
    if (source.is_constant()) {
      result.shape.push_back(1);
      result.stretch.push_back({});
      result.select.push_back({axis, source.offset, 1, nullptr});
      continue;
    }
    result.shape.push_back(map.output_shape()[source.output_axis]);
    result.stretch.push_back({source.output_axis, 0, 1, nullptr});
    source.output_axis = axis;
    result.select.push_back(source);
  }
  return result;
}

// A reduction of a selection: the kept axes of the input are selected, the reduced ones stay whole.
expr::NodePtr select_below_reduce(const expr::NodePtr& node, const SplitMap& parts) {
  const auto& reduce = *node->as<expr::Reduce>();
  const expr::NodePtr& input = node->inputs[0];
  Shape shape = input->shape;
  std::vector<expr::AxisMap> axes;
  std::size_t kept = 0;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (std::binary_search(reduce.axes.begin(), reduce.axes.end(), axis)) {
      axes.push_back({axis, 0, 1, nullptr});
      continue;
    }
    expr::AxisMap source = parts.select[kept];
    source.output_axis = axis;
    shape[axis] = parts.shape[static_cast<std::int64_t>(kept)];
    axes.push_back(source);
    ++kept;
  }
  const expr::NodePtr selected = expr::make_view(input, expr::IndexMap(shape, std::move(axes)));
  return expr::make_reduce(reduce.op, node->dtype, selected, reduce.axes, reduce.correction);
}

Selection select_part(const expr::NodePtr& node, const expr::IndexMap& map) {
  const SplitMap parts = split(map);
  if (element_count(parts.shape) >= element_count(node->shape)) return {node, map};
  const expr::IndexMap stretch(map.output_shape(), parts.stretch);
  if (node->as<expr::Reduce>() != nullptr) return {select_below_reduce(node, parts), stretch};
  return {expr::make_view(node, expr::IndexMap(parts.shape, parts.select)), stretch};
}

std::int64_t used_elements(const expr::IndexMap& map) {
  const std::vector<bool> used = map.used_axes();
  std::int64_t count = 1;
  for (std::int64_t axis = 0; axis < map.output_shape().size(); ++axis) {
    if (used[static_cast<std::size_t>(axis)]) count *= map.output_shape()[axis];
  }
  return count;
}

// Only operands that vary along the last axis are recomputed element by element: others are one value per
// row.
bool worth_storing(const expr::Node& node, const expr::IndexMap& map) {
  const auto* op = node.as<expr::Elementwise>();
  if (op == nullptr || ops::elementwise_row(op->op).cheap || map.output_shape().empty()) return false;
  const std::vector<bool> used = map.used_axes();
  if (!used.back()) return false;
  return used_elements(map) * kWorthStoring <= element_count(map.output_shape());
}

// Whether some axis of the domain meets the same elements again.
bool repeats(const expr::IndexMap& map) { return used_elements(map) < element_count(map.output_shape()); }

// Whether evaluating a node once more costs more than reading it back.
bool is_costly(const expr::Node& root) {
  return expr::any_node(
      root,
      [&](const expr::Node& node) {
        const auto* op = node.as<expr::Elementwise>();
        return node.as<expr::Operation>() != nullptr ||
               (op != nullptr && !ops::elementwise_row(op->op).cheap);
      },
      [&](const expr::Node& node) { return node.as<expr::Materialised>() == nullptr; });
}

// Whether an operation makes little of much: its result is held whole for what reads it.
bool folds(const expr::Node& node) {
  constexpr std::int64_t kMuch = 32;
  if (node.as<expr::Operation>() == nullptr) return false;
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const expr::NodePtr& input) {
    return element_count(input->shape) / kMuch >= std::max<std::int64_t>(element_count(node.shape), 1);
  });
}

}  // namespace

std::uint64_t rechunk_key(const expr::Node& source, const expr::IndexMap& map) {
  return expr::mix_hash(source.hash, map.hash());
}

// Chains of elementwise work may be longer than the stack would hold, so what is fused is walked with a stack
// of its own. What is computed apart recurses, to a depth that its nodes bound.
int Lowering::emit(const expr::NodePtr& root, const expr::IndexMap& map, ProgramBuilder& builder) {
  // Over an empty domain nothing is evaluated, so nothing is needed: no source is read, no value is made.
  if (element_count(map.output_shape()) == 0) return builder.add_constant(root->dtype, {});
  std::vector<Emission> path = {emission_of(root, map, builder)};
  const std::uint64_t key = path.back().key;
  while (!path.empty()) {
    const Emission& top = path.back();
    const bool is_known = builder.find(top.node.get(), top.key) != nullptr;
    const expr::NodePtr* missing = is_known ? nullptr : first_missing_input(top, builder);
    if (missing != nullptr) {
      path.push_back(emission_of(*missing, top.inner, builder));
      continue;
    }
    if (!is_known) builder.remember(top.node.get(), top.key, emit_new(top, builder));
    path.pop_back();
  }
  return *builder.find(root.get(), key);
}

Lowering::Emission Lowering::emission_of(const expr::NodePtr& node, const expr::IndexMap& map,
                                         ProgramBuilder& builder) {
  Emission emission{node, map, map, builder.number_of(map), 0, false};
  const auto* view = node->as<expr::View>();
  if (view != nullptr) emission.inner = view->map.after(map);
  emission.inner_key = view != nullptr ? builder.number_of(emission.inner) : emission.key;
  const bool is_plain = node->as<expr::Elementwise>() != nullptr || node->as<expr::Cast>() != nullptr;
  emission.is_fused = view != nullptr || (is_plain && !worth_storing(*node, map));
  return emission;
}

const expr::NodePtr* Lowering::first_missing_input(const Emission& reader, const ProgramBuilder& builder) {
  if (!reader.is_fused) return nullptr;
  for (const expr::NodePtr& input : reader.node->inputs) {
    if (builder.find(input.get(), reader.inner_key) == nullptr) return &input;
  }
  return nullptr;
}

// The inputs of what is fused are in registers already.
int Lowering::emit_new(const Emission& emission, ProgramBuilder& builder) {
  const auto& [node, map, inner, key, inner_key, is_fused] = emission;
  if (const auto* constant = node->as<expr::ConstantSource>()) {
    return builder.add_constant(node->dtype, constant->element);
  }
  if (node->as<expr::View>() != nullptr) return *builder.find(node->inputs[0].get(), inner_key);
  if (is_fused) return emit_elementwise(node, inner_key, builder);
  if (node->as<expr::Materialised>() != nullptr) return emit_materialised(node, map, builder);
  if (node->as<expr::Operation>() != nullptr) return emit_operation(node, map, builder);
  if (rechunks_.contains(rechunk_key(*node, map)) && copying_ != rechunk_key(*node, map)) {
    return emit_rechunk(node, map, builder);
  }
  return node->inputs.empty() ? builder.add_source(sources_.of(node), map) : emit_value(node, map, builder);
}

int Lowering::emit_elementwise(const expr::NodePtr& node, std::uint64_t map_key, ProgramBuilder& builder) {
  Instruction instruction;
  for (const expr::NodePtr& input : node->inputs) {
    const auto at = static_cast<std::size_t>(instruction.input_count++);
    instruction.inputs[at] = *builder.find(input.get(), map_key);
  }
  if (const auto* op = node->as<expr::Elementwise>()) {
    instruction.op = op->op;
    instruction.compute_dtype = op->compute_dtype;
  } else {
    instruction.is_cast = true;
    instruction.compute_dtype = node->inputs[0]->dtype;
  }
  return builder.add_instruction(instruction, node->dtype);
}

// A stored array is always computed whole: all that read it, through whatever views, share one value.
int Lowering::emit_materialised(const expr::NodePtr& node, const expr::IndexMap& map,
                                ProgramBuilder& builder) {
  return builder.add_value(value_of(node), node->shape, node->dtype, map);
}

int Lowering::emit_operation(const expr::NodePtr& given, const expr::IndexMap& map, ProgramBuilder& builder) {
  const bool is_own_task = given.get() == root_;
  const bool makes_all = is_own_task && makes_all_outputs_;
  if (!makes_all && is_made_with_others(*given))
    return emit_materialised(expr::make_materialised(given), map, builder);
  const expr::NodePtr node = makes_all ? given : in_chosen_way(given);
  if (map.has_lists() || (folds(*node) && !is_own_task))
    return emit_materialised(expr::make_materialised(node), map, builder);
  if (repeats(map)) {
    // What tiles would compute again and again is computed once: the part that is taken.
    const SplitMap parts = split(map);
    const expr::NodePtr part = expr::make_view(node, expr::IndexMap(parts.shape, parts.select));
    return emit_materialised(expr::make_materialised(part), expr::IndexMap(map.output_shape(), parts.stretch),
                             builder);
  }
  const expr::BoxOperator& op = *node->as<expr::Operation>()->op;
  std::vector<std::shared_ptr<const InputProgram>> inputs;
  for (const expr::NodePtr& input : node->inputs) inputs.push_back(input_program(input, op.reading().again));
  return builder.add_source(sources_.of(node), map, std::move(inputs));
}

// Operations that share an input share its program: each panel of a factorisation reads all before it.
std::shared_ptr<const InputProgram> Lowering::input_program(const expr::NodePtr& input, bool is_reread) {
  const std::tuple key(input.get(), is_reread, copying_);
  if (const auto known = input_programs_.find(key); known != input_programs_.end()) return known->second;
  const expr::NodePtr source = is_reread && is_costly(*input) ? expr::make_materialised(input) : input;
  auto part = std::make_shared<InputProgram>();
  part->domain = source->shape;
  part->cells = source->grid;
  ProgramBuilder inner;
  part->output = emit(source, expr::IndexMap::identity(source->shape), inner);
  part->program = inner.finish({part->output});
  if (const Shape* box = rechunk_within(part->program)) part->cells = ChunkGrid(part->domain, *box);
  kept_.push_back(input);
  return input_programs_[key] = part;
}

// One of several outputs is made alone here, where that is less work.
expr::NodePtr Lowering::in_chosen_way(const expr::NodePtr& node) const {
  const auto& operation = *node->as<expr::Operation>();
  std::shared_ptr<const expr::BoxOperator> op;
  if (in_passes_) op = operation.op->in_passes();
  if (operation.is_of_several()) op = operation.op->only(operation.output);
  return op ? expr::make_operation(node->grid, node->dtype, node->inputs, std::move(op)) : node;
}

// Whether a node is one of several outputs of an operator that are made at one time, and held whole: because
// several are wanted so, or because one alone would be no less work.
bool Lowering::is_made_with_others(const expr::Node& node) const {
  const auto* operation = node.as<expr::Operation>();
  if (operation == nullptr || !operation->is_of_several()) return false;
  return wanted_.several(node) || operation->op->only(operation->output) == nullptr;
}

// The source is copied as the tiles see it; views were pushed down to it, so only what is needed is copied,
// and what the domain stretches is copied as it was.
int Lowering::emit_rechunk(const expr::NodePtr& source, const expr::IndexMap& map, ProgramBuilder& builder) {
  const std::uint64_t key = rechunk_key(*source, map);
  const bool stretched = repeats(map);
  const SplitMap parts = stretched ? split(map) : SplitMap{};
  const expr::IndexMap selected = stretched ? expr::IndexMap(parts.shape, parts.select) : map;
  expr::NodePtr seen = expr::make_materialised(expr::make_view(source, selected));
  ValueId value = value_of(seen, key);
  if (stretched)
    return builder.add_value(value, seen->shape, seen->dtype,
                             expr::IndexMap(map.output_shape(), parts.stretch));
  const Rechunk& rechunk = rechunks_.at(key);
  values_[static_cast<std::size_t>(value)].rechunk = key;
  for (const Shape& box : rechunk.through) {
    seen = expr::make_materialised(expr::with_grid(seen, ChunkGrid(seen->shape, box)));
    value = value_of(seen);
    values_[static_cast<std::size_t>(value)].rechunk = key;
  }
  rechunk_boxes_[value] = rechunk.box;
  return builder.add_value(value, seen->shape, seen->dtype, expr::IndexMap::identity(seen->shape));
}

const Shape* Lowering::rechunk_within(const Program& program) const {
  for (const Leaf& leaf : program.leaves) {
    const auto found = rechunk_boxes_.find(leaf.value);
    if (!leaf.source && found != rechunk_boxes_.end()) return &found->second;
  }
  return nullptr;
}

int Lowering::emit_task(const Task& task, ProgramBuilder& builder) {
  const std::uint64_t outer = std::exchange(copying_, task.rechunk);
  const expr::Node* outer_root = std::exchange(root_, task.input.get());
  const bool outer_makes_all = std::exchange(makes_all_outputs_, task.is_of_several);
  const int result = emit(task.input, expr::IndexMap::identity(task.input->shape), builder);
  copying_ = outer;
  root_ = outer_root;
  makes_all_outputs_ = outer_makes_all;
  return result;
}

int Lowering::emit_value(const expr::NodePtr& node, const expr::IndexMap& map, ProgramBuilder& builder) {
  const Selection part = select_part(node, map);
  return builder.add_value(value_of(part.node), part.node->shape, part.node->dtype, part.map);
}

ValueId Lowering::value_of(const expr::NodePtr& node, std::uint64_t rechunk) {
  const auto [first, last] = known_values_.equal_range(node->hash);
  for (auto known = first; known != last; ++known) {
    if (expr::are_equal(*known->second.first, *node)) return known->second.second;
  }
  kept_.push_back(node);
  const auto* reduce = node->as<expr::Reduce>();
  const bool holds_input = reduce != nullptr || node->as<expr::Materialised>() != nullptr;
  Value value;
  value.shape = node->shape;
  value.dtype = node->dtype;
  const ValueId id = add_task(holds_input ? node->inputs[0] : node, reduce, value, rechunk);
  known_values_.emplace(node->hash, std::pair(node, id));
  return id;
}

ValueId Lowering::add_task(const expr::NodePtr& input, const expr::Reduce* reduce, Value value,
                           std::uint64_t rechunk) {
  // A dry run finds the values that this task reads, and makes their tasks first.
  Task task;
  const bool computes = reduce == nullptr && element_count(input->shape) > 0;
  task.is_of_several = computes && is_made_with_others(*input);
  task.input = task.is_of_several ? expr::first_output(*input) : input;
  task.output = task.is_of_several ? input->as<expr::Operation>()->output : 0;
  task.reduce = reduce;
  task.rechunk = rechunk;
  ProgramBuilder builder;
  emit_task(task, builder);
  task.value = static_cast<ValueId>(values_.size());
  for_each_leaf(builder.program(), [&](const Leaf& leaf) {
    if (leaf.source) {
      if (!leaf.reads(Source::Kind::memory)) task.sources.push_back(leaf.source->id);
      return;
    }
    // Tasks and values come in pairs.
    task.level = std::max(task.level, tasks_[static_cast<std::size_t>(leaf.value)].level + 1);
  });
  std::sort(task.sources.begin(), task.sources.end());
  kept_.push_back(task.input);
  values_.push_back(std::move(value));
  tasks_.push_back(std::move(task));
  return tasks_.back().value;
}

Root Lowering::add_request(const Request& request, int output) {
  Root root;
  const expr::NodePtr& node = request.node;
  const auto* view = node->as<expr::View>();
  const expr::NodePtr& base = view != nullptr ? node->inputs[0] : node;
  const expr::IndexMap map = view != nullptr ? view->map : expr::IndexMap::identity(node->shape);
  if (!request.output_chunks) {
    if (base->as<expr::MemorySource>() != nullptr && !map.has_lists()) {
      root.source = sources_.of(base)->id;
      root.view = map;
      return root;
    }
    // A reduction's result is used in place, through a view, where the view does not take a part of it.
    if (base->as<expr::Reduce>() != nullptr && !map.has_lists() && element_count(node->shape) > 0 &&
        element_count(node->shape) >= element_count(base->shape)) {
      root.value = value_of(base);
      root.view = map;
      values_[static_cast<std::size_t>(root.value)].is_result = true;
      return root;
    }
  }
  Value value;
  value.shape = node->shape;
  value.dtype = node->dtype;
  value.is_result = true;
  if (request.output_chunks) {
    value.placement = Placement::output;
    value.output = output;
    value.output_chunks = *request.output_chunks;
    value.write_workspace_bytes = request.write_workspace_bytes;
  }
  // Tiles hold whole output chunks; a small result of large inputs is computed by tiles of its own first.
  root.value =
      add_task(request.output_chunks && folds(*node) ? expr::make_materialised(node) : node, nullptr, value);
  root.view = expr::IndexMap::identity(node->shape);
  return root;
}

}  // namespace varve::plan
