#include <algorithm>
#include <unordered_map>

#include "expr/walk.hpp"
#include "varve/storage.hpp"

namespace varve {
namespace {

using Labels = std::vector<AxisLabel>;

Labels without_labels(const expr::Node& node) { return Labels(static_cast<std::size_t>(node.shape.size())); }

Labels source_labels(const io::DatasetInfo& info) {
  Labels labels(static_cast<std::size_t>(info.shape.size()));
  if (info.dimension_names.size() != labels.size()) return labels;
  for (std::size_t axis = 0; axis < labels.size(); ++axis) {
    const std::string& name = info.dimension_names[axis];
    if (!name.empty())
      labels[axis] = {name, info.location, info.shape[static_cast<std::int64_t>(axis)], 0, 1};
  }
  return labels;
}

void forget_positions(AxisLabel& label) { label = {label.name, "", 0, 0, 1}; }

// An axis that no input axis feeds, or that several do (a diagonal), has no label.
Labels viewed(const Labels& input, const expr::IndexMap& map) {
  const auto ndim = static_cast<std::size_t>(map.output_shape().size());
  Labels labels(ndim);
  std::vector<int> feeds(ndim, 0);
  for (std::size_t axis = 0; axis < input.size(); ++axis) {
    const expr::AxisMap& from = map.axes()[axis];
    if (from.is_constant() || (!from.is_listed() && from.step == 0)) continue;
    const auto out = static_cast<std::size_t>(from.output_axis);
    labels[out] = input[axis];
    if (from.is_listed()) {
      forget_positions(labels[out]);
    } else {
      labels[out].offset += labels[out].step * from.offset;
      labels[out].step *= from.step;
    }
    ++feeds[out];
  }
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    if (feeds[axis] > 1) labels[axis] = {};
  }
  return labels;
}

bool same_positions(const AxisLabel& left, const AxisLabel& right) {
  return left.extent == right.extent && left.offset == right.offset && left.step == right.step;
}

// Operands that differ in their names have none together; those that differ in their positions only keep the
// name. Returns whether the names agree.
bool merge(AxisLabel& label, const AxisLabel& other) {
  if (other.name.empty()) return true;
  if (label.name.empty()) {
    label = other;
  } else if (label.name != other.name) {
    label = {};
    return false;
  } else if (label.location.empty() || other.location.empty() || !same_positions(label, other)) {
    forget_positions(label);
  }
  return true;
}

class LabelWalk {
 public:
  const Labels& of(const expr::Node& root) {
    expr::walk_inputs_first(root, [this](const expr::Node& node) { known_.emplace(&node, make(node)); });
    return known_.at(&root);
  }

 private:
  [[nodiscard]] const Labels& labels(const expr::NodePtr& input) const { return known_.at(input.get()); }

  Labels make(const expr::Node& node) {
    if (const auto* source = node.as<expr::DatasetSource>()) return source_labels(source->dataset->info());
    if (node.inputs.empty()) return without_labels(node);
    if (const auto* view = node.as<expr::View>()) return viewed(labels(node.inputs[0]), view->map);
    if (const auto* reduce = node.as<expr::Reduce>()) return reduced(labels(node.inputs[0]), reduce->axes);
    if (const auto* operation = node.as<expr::Operation>()) return operated(node, *operation->op);
    return merged(node, [this, &node](std::size_t input, std::size_t axis) {
      return labels(node.inputs[input])[axis];
    });
  }

  // What `label_of(input, axis of the result)` says of all inputs.
  template <class LabelOf>
  static Labels merged(const expr::Node& node, const LabelOf& label_of) {
    Labels result = without_labels(node);
    for (std::size_t axis = 0; axis < result.size(); ++axis) {
      for (std::size_t input = 0; input < node.inputs.size(); ++input) {
        if (!merge(result[axis], label_of(input, axis))) break;
      }
    }
    return result;
  }

  static Labels reduced(const Labels& input, const std::vector<std::int64_t>& axes) {
    Labels result;
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
      if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) == axes.end()) {
        result.push_back(input[axis]);
      }
    }
    return result;
  }

  Labels operated(const expr::Node& node, const expr::BoxOperator& op) {
    return merged(node, [&](std::size_t input, std::size_t number) -> AxisLabel {
      const auto axis = static_cast<std::int64_t>(number);
      const expr::AxisOrigin origin = op.axis_origin(static_cast<int>(input), axis);
      if (origin.axis < 0) return {};
      const expr::NodePtr& from = node.inputs[input];
      AxisLabel label = labels(from)[static_cast<std::size_t>(origin.axis)];
      if (!origin.same_positions || from->shape[origin.axis] != node.shape[axis]) forget_positions(label);
      return label;
    });
  }

  std::unordered_map<const expr::Node*, Labels> known_;
};

}  // namespace

std::vector<AxisLabel> axis_labels(const Array& x) { return LabelWalk().of(*x.node()); }

std::string selected_from(const Array& x) {
  expr::NodePtr node = x.node();
  while (node->as<expr::View>() != nullptr) node = node->inputs[0];
  const auto* source = node->as<expr::DatasetSource>();
  return source != nullptr ? source->dataset->info().location : "";
}

}  // namespace varve
