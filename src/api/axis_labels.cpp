#include "varve/axis_labels.hpp"

#include <algorithm>
#include <unordered_map>

#include "api/shared_lists.hpp"
#include "expr/equality.hpp"
#include "expr/labelled_operator.hpp"
#include "expr/walk.hpp"
#include "io/location.hpp"
#include "varve/core/dtype.hpp"
#include "varve/creation.hpp"

namespace varve {
namespace {

using PositionsPtr = std::shared_ptr<const AxisPositions>;

/// Adds to what the interface shows the selection applied to 0, 1, 2 ...: equal traces are equal selections.
class TracedPositions : public AxisPositions {
 public:
  TracedPositions(std::vector<AxisSource> sources, expr::NodePtr trace)
      : sources_(std::move(sources)), trace_(std::move(trace)) {}
  [[nodiscard]] const std::vector<AxisSource>& sources() const noexcept final { return sources_; }
  [[nodiscard]] const expr::NodePtr& trace() const noexcept { return trace_; }

 private:
  std::vector<AxisSource> sources_;
  expr::NodePtr trace_;
};

// All positions are made here; others throw.
const TracedPositions& traced(const PositionsPtr& positions) {
  return dynamic_cast<const TracedPositions&>(*positions);
}
expr::NodePtr trace_of(const PositionsPtr& positions) {
  return positions ? traced(positions).trace() : nullptr;
}

class SourcePositions final : public TracedPositions {
 public:
  explicit SourcePositions(const AxisSource& source)
      : TracedPositions({source}, arange(source.extent).node()) {}
  [[nodiscard]] std::optional<Array> select(const CoordinateFinder& find) const override {
    std::optional<Array> found = find(sources().front());
    return found && found->shape() == Shape{sources().front().extent} ? found : std::nullopt;
  }
};

class ViewedPositions final : public TracedPositions {
 public:
  ViewedPositions(PositionsPtr from, const expr::IndexMap& map)
      : TracedPositions(from->sources(), expr::make_view(trace_of(from), map)),
        from_(std::move(from)),
        map_(map) {}
  [[nodiscard]] std::optional<Array> select(const CoordinateFinder& find) const override {
    const std::optional<Array> whole = from_->select(find);
    if (!whole) return std::nullopt;
    return Array(expr::make_view(whole->node(), map_));
  }

 private:
  PositionsPtr from_;
  expr::IndexMap map_;
};

std::vector<AxisSource> all_sources(const std::vector<PositionsPtr>& inputs) {
  std::vector<AxisSource> all;
  for (const PositionsPtr& input : inputs) {
    if (!input) continue;
    for (const AxisSource& source : input->sources()) {
      if (std::find(all.begin(), all.end(), source) == all.end()) all.push_back(source);
    }
  }
  return all;
}

expr::NodePtr coordinate_of(const expr::BoxOperator& op, std::int64_t axis,
                            const std::vector<expr::NodePtr>& inputs,
                            const std::vector<expr::NodePtr>& coordinates) {
  const auto* labelled = dynamic_cast<const expr::LabelledOperator*>(&op);
  return labelled != nullptr ? labelled->coordinate(axis, inputs, coordinates) : nullptr;
}

class OperatedPositions final : public TracedPositions {
 public:
  OperatedPositions(const expr::Operation& operation, std::vector<expr::NodePtr> operands, std::int64_t axis,
                    std::vector<PositionsPtr> inputs, expr::NodePtr trace)
      : TracedPositions(all_sources(inputs), std::move(trace)),
        op_(operation.op),
        operands_(std::move(operands)),
        axis_(axis),
        inputs_(std::move(inputs)) {}

  [[nodiscard]] std::optional<Array> select(const CoordinateFinder& find) const override {
    std::vector<expr::NodePtr> parts;
    std::optional<DType> dtype;
    for (const PositionsPtr& input : inputs_) {
      const std::optional<Array> part = input ? input->select(find) : std::nullopt;
      if (input && !part) return std::nullopt;
      parts.push_back(part ? part->node() : nullptr);
      if (part) dtype = dtype ? promote_types(*dtype, part->dtype()) : part->dtype();
    }
    for (expr::NodePtr& part : parts) {
      if (part) part = expr::make_cast(part, *dtype);
    }
    const expr::NodePtr made = coordinate_of(*op_, axis_, operands_, parts);
    return made ? std::optional<Array>(Array(made)) : std::nullopt;
  }

 private:
  std::shared_ptr<const expr::BoxOperator> op_;
  std::vector<expr::NodePtr> operands_;
  std::int64_t axis_;
  std::vector<PositionsPtr> inputs_;
};

using PositionLists = api::SharedLists<PositionsPtr>;

/// An AxisLabel while the walk goes on.
struct Label {
  std::string name;
  PositionsPtr positions;
  PositionLists::List others = 0;
};
using Labels = std::vector<Label>;

Labels without_labels(const expr::Node& node) { return Labels(static_cast<std::size_t>(node.shape.size())); }

Labels source_labels(const io::DatasetInfo& info) {
  Labels labels(static_cast<std::size_t>(info.shape.size()));
  if (info.dimension_names.size() != labels.size()) return labels;
  const io::Location place = io::opened_location(info.location);
  for (std::size_t axis = 0; axis < labels.size(); ++axis) {
    const std::string& name = info.dimension_names[axis];
    if (name.empty()) continue;
    const AxisSource source{place.path, place.variable, name, info.shape[static_cast<std::int64_t>(axis)]};
    labels[axis] = {name, std::make_shared<SourcePositions>(source), 0};
  }
  return labels;
}

void forget_positions(Label& label) { label = {label.name, nullptr, 0}; }

std::string group_of(const std::string& variable) { return variable.substr(0, variable.rfind('/') + 1); }

// Axes of one name that two arrays of one group have are the same axis.
bool same_axis(const AxisSource& left, const AxisSource& right) {
  return left.path == right.path && left.name == right.name && left.extent == right.extent &&
         group_of(left.variable) == group_of(right.variable);
}

bool same_axes(const PositionsPtr& left, const PositionsPtr& right) {
  const auto& a = left->sources();
  const auto& b = right->sources();
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_axis);
}

bool same_selection(const PositionsPtr& left, const PositionsPtr& right) {
  return expr::are_equal(*trace_of(left), *trace_of(right));
}

class LabelWalk {
 public:
  /// Adds what lies behind `root`; returns its labels.
  std::vector<AxisLabel> of(const expr::Node& root) {
    expr::walk_inputs_first(root, [this](const expr::Node& node) {
      if (!known_.contains(&node)) known_.emplace(&node, make(node));
    });
    std::vector<AxisLabel> result;
    for (const Label& label : known_.at(&root))
      result.push_back({label.name, label.positions, lists_.items(label.others)});
    return result;
  }

  [[nodiscard]] std::vector<AxisMeeting> take_meetings() { return std::move(meetings_); }

 private:
  [[nodiscard]] const Labels& labels(const expr::NodePtr& input) const { return known_.at(input.get()); }

  Labels make(const expr::Node& node) {
    if (const auto* source = node.as<expr::DatasetSource>()) return source_labels(source->dataset->info());
    if (node.inputs.empty()) return without_labels(node);
    if (const auto* view = node.as<expr::View>())
      return viewed(labels(node.inputs[0]), node.inputs[0]->shape, view->map);
    if (const auto* reduce = node.as<expr::Reduce>()) return reduced(labels(node.inputs[0]), reduce->axes);
    if (const auto* operation = node.as<expr::Operation>()) return operated(node, *operation);
    return merged(node, [this, &node](std::size_t input, std::size_t axis) {
      return labels(node.inputs[input])[axis];
    });
  }

  // Operands that differ in their names have none together; those that stand at different positions of the
  // same axis only keep the name. Returns whether the names agree.
  bool merge(Label& label, const Label& other) {
    if (other.name.empty()) return true;
    if (label.name.empty()) {
      label = other;
    } else if (label.name != other.name) {
      label = {};
      return false;
    } else if (!label.positions || !other.positions) {
      forget_positions(label);
    } else {
      meet(label, other);
    }
    return true;
  }

  void meet(Label& label, const Label& other) {
    if (!same_axes(label.positions, other.positions)) {
      meetings_.push_back({label.name, label.positions, other.positions});
      label.others = lists_.join(label.others, lists_.add(other.positions));
    } else if (!same_selection(label.positions, other.positions)) {
      return forget_positions(label);
    }
    label.others = lists_.join(label.others, other.others);
  }

  // What `label_of(input, axis of the result)` says of all inputs.
  template <class LabelOf>
  Labels merged(const expr::Node& node, const LabelOf& label_of) {
    Labels result = without_labels(node);
    for (std::size_t axis = 0; axis < result.size(); ++axis) {
      for (std::size_t input = 0; input < node.inputs.size(); ++input) {
        if (!merge(result[axis], label_of(input, axis))) break;
      }
    }
    return result;
  }

  void view_positions(Label& label, const expr::AxisMap& axis, std::int64_t input_extent,
                      std::int64_t extent) {
    expr::AxisMap alone = axis;
    alone.output_axis = 0;
    const expr::IndexMap map(Shape{extent}, {alone});
    if (map.is_identity(Shape{input_extent})) return;
    const auto view = [&map](PositionsPtr positions) {
      return std::make_shared<ViewedPositions>(std::move(positions), map);
    };
    if (label.positions) label.positions = view(label.positions);
    PositionLists::List others = 0;
    for (const PositionsPtr& other : lists_.items(label.others))
      others = lists_.join(others, lists_.add(view(other)));
    label.others = others;
  }

  // An axis that no input axis feeds, or that several do (a diagonal), has no label.
  Labels viewed(const Labels& input, const Shape& input_shape, const expr::IndexMap& map) {
    const auto ndim = static_cast<std::size_t>(map.output_shape().size());
    Labels labels(ndim);
    std::vector<int> feeds(ndim, 0);
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
      const expr::AxisMap& from = map.axes()[axis];
      if (from.is_constant() || (!from.is_listed() && from.step == 0)) continue;
      const auto out = static_cast<std::size_t>(from.output_axis);
      labels[out] = input[axis];
      view_positions(labels[out], from, input_shape[static_cast<std::int64_t>(axis)],
                     map.output_shape()[from.output_axis]);
      ++feeds[out];
    }
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      if (feeds[axis] > 1) labels[axis] = {};
    }
    return labels;
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

  Labels operated(const expr::Node& node, const expr::Operation& operation) {
    Labels result = merged(node, [&](std::size_t input, std::size_t number) -> Label {
      const auto axis = static_cast<std::int64_t>(number);
      const expr::AxisOrigin origin = operation.op->axis_origin(static_cast<int>(input), axis);
      if (origin.axis < 0) return {};
      const expr::NodePtr& from = node.inputs[input];
      Label label = labels(from)[static_cast<std::size_t>(origin.axis)];
      if (!origin.same_positions || from->shape[origin.axis] != node.shape[axis]) forget_positions(label);
      return label;
    });
    for (std::size_t axis = 0; axis < result.size(); ++axis) {
      if (!result[axis].name.empty() && !result[axis].positions) select(node, operation, axis, result[axis]);
    }
    return result;
  }

  // The positions along an axis whose elements the operation selects or joins, where it tells how.
  void select(const expr::Node& node, const expr::Operation& operation, std::size_t axis, Label& label) {
    std::vector<std::vector<PositionsPtr>> from;  // of each input: its positions, then those of its others
    std::size_t max = 1;
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
      const expr::AxisOrigin origin =
          operation.op->axis_origin(static_cast<int>(input), static_cast<std::int64_t>(axis));
      const Label known =
          origin.axis < 0 ? Label{} : labels(node.inputs[input])[static_cast<std::size_t>(origin.axis)];
      from.push_back(lists_.items(known.others));
      from.back().insert(from.back().begin(), known.positions);
      max = std::max(max, from.back().size());
    }
    label.positions = operated_positions(node, operation, axis, from, 0);
    for (std::size_t number = 1; label.positions && number < max; ++number) {
      PositionsPtr other = operated_positions(node, operation, axis, from, number);
      if (!other) return forget_positions(label);
      label.others = lists_.join(label.others, lists_.add(std::move(other)));
    }
  }

  // `number`: of the positions in each list, or else the last there.
  static PositionsPtr operated_positions(const expr::Node& node, const expr::Operation& operation,
                                         std::size_t axis, const std::vector<std::vector<PositionsPtr>>& from,
                                         std::size_t number) {
    std::vector<PositionsPtr> inputs;
    std::vector<expr::NodePtr> traces;
    for (const std::vector<PositionsPtr>& positions : from) {
      inputs.push_back(positions[std::min(number, positions.size() - 1)]);
      traces.push_back(trace_of(inputs.back()));
    }
    const auto along = static_cast<std::int64_t>(axis);
    expr::NodePtr trace = coordinate_of(*operation.op, along, node.inputs, traces);
    if (!trace) return nullptr;
    return std::make_shared<OperatedPositions>(operation, node.inputs, along, std::move(inputs),
                                               std::move(trace));
  }

  std::unordered_map<const expr::Node*, Labels> known_;
  PositionLists lists_;
  std::vector<AxisMeeting> meetings_;
};

}  // namespace

bool same_positions(const AxisLabel& left, const AxisLabel& right) {
  if (!left.positions || !right.positions) return left.positions == right.positions;
  return same_axes(left.positions, right.positions) && same_selection(left.positions, right.positions);
}

std::vector<AxisLabel> axis_labels(const Array& x) { return LabelWalk().of(*x.node()); }

std::vector<AxisMeeting> axis_meetings(const std::vector<Array>& arrays) {
  LabelWalk walk;
  for (const Array& array : arrays) walk.of(*array.node());
  return walk.take_meetings();
}

}  // namespace varve
