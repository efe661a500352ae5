#include "expr/axis_labels.hpp"

#include <algorithm>
#include <unordered_set>

#include "expr/axis_positions.hpp"
#include "expr/node.hpp"
#include "expr/walk.hpp"
#include "io/location.hpp"
#include "io/variable_name.hpp"

namespace varve::expr {
namespace {

AxisLabels without_labels(const Node& node) {
  return AxisLabels(static_cast<std::size_t>(node.shape.size()));
}

AxisLabelsPtr source_labels(const io::DatasetInfo& info) {
  AxisLabels labels(static_cast<std::size_t>(info.shape.size()));
  if (info.dimension_names.empty() || info.dimension_names.size() != labels.size()) return nullptr;
  const io::Location place = io::opened_location(info.location);
  for (std::size_t axis = 0; axis < labels.size(); ++axis) {
    const std::string& name = info.dimension_names[axis];
    if (name.empty()) continue;
    const std::int64_t extent = info.shape[static_cast<std::int64_t>(axis)];
    labels[axis] = {name, whole_axis({place.path, place.variable, name, extent})};
  }
  return shared_labels(std::move(labels));
}

// Axes of one name that two arrays of one group have are the same axis.
bool same_axis(const AxisSource& left, const AxisSource& right) {
  return left.path == right.path && left.name == right.name && left.extent == right.extent &&
         io::group_of(left.variable) == io::group_of(right.variable);
}

bool same_axes(const PositionsPtr& left, const PositionsPtr& right) {
  if (left == right) return true;
  const auto& a = left->sources();
  const auto& b = right->sources();
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_axis);
}

PositionListPtr list_of(PositionsPtr item) {
  return std::make_shared<const PositionList>(PositionList{std::move(item)});
}

PositionListPtr join(const PositionListPtr& first, const PositionListPtr& second) {
  if (!first || !second) return first ? first : second;
  if (first == second) return first;
  return std::make_shared<const PositionList>(PositionList{nullptr, first, second});
}

void forget_positions(AxisLabel& label) { label = {label.name}; }

void meet(AxisLabel& label, const AxisLabel& other, std::vector<AxisMeeting>* meetings) {
  if (!same_axes(label.positions, other.positions)) {
    if (meetings != nullptr) meetings->push_back({label.name, label.positions, other.positions});
    label.further = join(label.further, list_of(other.positions));
  } else if (!same_selection(label.positions, other.positions)) {
    return forget_positions(label);
  }
  label.further = join(label.further, other.further);
}

// Operands that differ in their names have none together; those that stand at different positions of the
// same axis only keep the name. Returns whether the names agree.
bool merge(AxisLabel& label, const AxisLabel& other, std::vector<AxisMeeting>* meetings) {
  if (other.name.empty()) return true;
  if (label.name.empty()) {
    label = other;
  } else if (label.name != other.name) {
    label = {};
    return false;
  } else if (!label.positions || !other.positions) {
    forget_positions(label);
  } else {
    meet(label, other, meetings);
  }
  return true;
}

// What `label_of(input, axis of the result)` says of all inputs.
template <class LabelOf>
AxisLabels merged(const Node& node, std::vector<AxisMeeting>* meetings, const LabelOf& label_of) {
  AxisLabels result = without_labels(node);
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
      if (node.inputs[input]->labels && !merge(result[axis], label_of(input, axis), meetings)) break;
    }
  }
  return result;
}

// Most elements come from operands with the very same labels, or with none.
AxisLabelsPtr combined(const Node& node, std::vector<AxisMeeting>* meetings) {
  const AxisLabelsPtr* one = nullptr;
  bool alike = true;
  for (const NodePtr& input : node.inputs) {
    if (!input->labels) continue;
    alike = alike && (one == nullptr || *one == input->labels);
    one = &input->labels;
  }
  if (alike) return one == nullptr ? nullptr : *one;
  return shared_labels(merged(node, meetings, [&node](std::size_t input, std::size_t axis) {
    return (*node.inputs[input]->labels)[axis];
  }));
}

AxisLabel viewed(const AxisLabel& label, const AxisMap& axis, std::int64_t input_extent,
                 std::int64_t extent) {
  AxisMap alone = axis;
  alone.output_axis = 0;
  const IndexMap map(Shape{extent}, {alone});
  if (!label.positions || map.is_identity(Shape{input_extent})) return label;
  AxisLabel result{label.name, view_positions(label.positions, input_extent, map)};
  for (const PositionsPtr& other : label.others())
    result.further = join(result.further, list_of(view_positions(other, input_extent, map)));
  return result;
}

AxisLabelsPtr reduced(const Node& input, const std::vector<std::int64_t>& axes) {
  if (!input.labels) return nullptr;
  AxisLabels result;
  for (std::size_t axis = 0; axis < input.labels->size(); ++axis) {
    if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) == axes.end())
      result.push_back((*input.labels)[axis]);
  }
  return shared_labels(std::move(result));
}

AxisLabel label_behind(const Node& node, std::size_t input, std::size_t axis) {
  const AxisOrigin origin =
      node.as<Operation>()->axis_origin(static_cast<int>(input), static_cast<std::int64_t>(axis));
  const AxisLabelsPtr& labels = node.inputs[input]->labels;
  return origin.axis < 0 || !labels ? AxisLabel() : (*labels)[static_cast<std::size_t>(origin.axis)];
}

// The positions along an axis whose elements the operation selects or joins, where it tells how.
void select(const Node& node, std::size_t axis, AxisLabel& label) {
  std::vector<std::vector<PositionsPtr>> from;  // of each input: its positions, then those of its others
  std::size_t max = 1;
  for (std::size_t input = 0; input < node.inputs.size(); ++input) {
    const AxisLabel known = label_behind(node, input, axis);
    from.push_back(known.others());
    from.back().insert(from.back().begin(), known.positions);
    max = std::max(max, from.back().size());
  }
  for (std::size_t number = 0; number < max; ++number) {
    std::vector<PositionsPtr> inputs;  // the numbers in each list, or else the last there
    for (const auto& positions : from) inputs.push_back(positions[std::min(number, positions.size() - 1)]);
    PositionsPtr made = operate_positions(node, static_cast<std::int64_t>(axis), std::move(inputs));
    if (!made) return forget_positions(label);
    if (number == 0) {
      label.positions = std::move(made);
    } else {
      label.further = join(label.further, list_of(std::move(made)));
    }
  }
}

AxisLabelsPtr operated(const Node& node, std::vector<AxisMeeting>* meetings) {
  const auto has_labels = [](const NodePtr& input) { return input->labels != nullptr; };
  if (std::none_of(node.inputs.begin(), node.inputs.end(), has_labels)) return nullptr;
  const auto& op = *node.as<Operation>();
  AxisLabels result = merged(node, meetings, [&](std::size_t input, std::size_t axis) -> AxisLabel {
    const AxisOrigin origin = op.axis_origin(static_cast<int>(input), static_cast<std::int64_t>(axis));
    if (origin.axis < 0) return {};
    const Node& from = *node.inputs[input];
    AxisLabel label = (*from.labels)[static_cast<std::size_t>(origin.axis)];
    const bool same_extent = from.shape[origin.axis] == node.shape[static_cast<std::int64_t>(axis)];
    if (!origin.same_positions || !same_extent) forget_positions(label);
    return label;
  });
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    if (!result[axis].name.empty() && !result[axis].positions) select(node, axis, result[axis]);
  }
  return shared_labels(std::move(result));
}

}  // namespace

std::vector<PositionsPtr> AxisLabel::others() const {
  std::vector<PositionsPtr> found;
  std::unordered_set<const PositionList*> seen = {nullptr};
  std::vector<const PositionList*> ahead = {further.get()};
  while (!ahead.empty()) {
    const PositionList* next = ahead.back();
    ahead.pop_back();
    if (!seen.insert(next).second) continue;
    if (next->item) found.push_back(next->item);
    ahead.push_back(next->second.get());
    ahead.push_back(next->first.get());
  }
  return found;
}

AxisLabelsPtr shared_labels(AxisLabels labels) {
  const auto named = [](const AxisLabel& label) { return !label.name.empty(); };
  if (std::none_of(labels.begin(), labels.end(), named)) return nullptr;
  return std::make_shared<const AxisLabels>(std::move(labels));
}

AxisLabelsPtr without_memory(const AxisLabelsPtr& labels) {
  const auto holds = [](const PositionsPtr& positions) { return positions && positions->holds_memory(); };
  const auto holds_memory = [&holds](const AxisLabel& label) {
    const std::vector<PositionsPtr> others = label.others();
    return holds(label.positions) || std::any_of(others.begin(), others.end(), holds);
  };
  if (!labels || std::none_of(labels->begin(), labels->end(), holds_memory)) return labels;
  AxisLabels kept = *labels;
  for (AxisLabel& label : kept) {
    if (holds_memory(label)) forget_positions(label);
  }
  return shared_labels(std::move(kept));
}

bool same_positions(const AxisLabel& left, const AxisLabel& right) {
  if (!left.positions || !right.positions) return left.positions == right.positions;
  return same_axes(left.positions, right.positions) && same_selection(left.positions, right.positions);
}

// An axis that no input axis feeds, or that several do (a diagonal), has no label.
AxisLabelsPtr view_labels(const Node& input, const IndexMap& map) {
  if (!input.labels) return nullptr;
  if (map.is_identity(input.shape)) return input.labels;
  const auto ndim = static_cast<std::size_t>(map.output_shape().size());
  AxisLabels labels(ndim);
  std::vector<int> feeds(ndim, 0);
  for (std::size_t axis = 0; axis < input.labels->size(); ++axis) {
    const AxisMap& from = map.axes()[axis];
    if (from.is_constant() || (!from.is_listed() && from.step == 0)) continue;
    const auto out = static_cast<std::size_t>(from.output_axis);
    labels[out] = viewed((*input.labels)[axis], from, input.shape[static_cast<std::int64_t>(axis)],
                         map.output_shape()[from.output_axis]);
    ++feeds[out];
  }
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    if (feeds[axis] > 1) labels[axis] = {};
  }
  return shared_labels(std::move(labels));
}

AxisLabelsPtr infer_labels(const Node& node, std::vector<AxisMeeting>* meetings) {
  if (const auto* source = node.as<DatasetSource>()) return source_labels(source->dataset->info());
  if (const auto* view = node.as<View>()) return view_labels(*node.inputs[0], view->map);
  if (const auto* reduce = node.as<Reduce>()) return reduced(*node.inputs[0], reduce->axes);
  if (node.as<Operation>() != nullptr) return operated(node, meetings);
  return combined(node, meetings);
}

std::vector<AxisMeeting> axis_meetings(const std::vector<NodePtr>& roots) {
  std::vector<AxisMeeting> meetings;
  std::unordered_set<const Node*> seen;
  for (const NodePtr& root : roots) {
    walk_inputs_first(*root, [&](const Node& node) {
      if (node.inputs.size() > 1 && seen.insert(&node).second)
        static_cast<void>(infer_labels(node, &meetings));
    });
  }
  return meetings;
}

}  // namespace varve::expr
