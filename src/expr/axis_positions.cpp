#include "expr/axis_positions.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "expr/equality.hpp"
#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "expr/walk.hpp"

namespace varve::expr {
namespace {

/// Stands for a whole axis in traces, which nobody computes.
class WholeAxis final : public Described<WholeAxis, Generator> {
 public:
  static constexpr std::string_view kKind = "whole_axis";
  void fill(const Box&, const StridedView&) const override {
    throw Error("the trace of positions along an axis is not to be computed");
  }
};

NodePtr trace_of_whole(std::int64_t extent) {
  static const auto whole = std::make_shared<const WholeAxis>();
  const Shape shape = {extent};
  return make_generator(shape, DType::int64, ChunkGrid(shape, shape), whole);
}

class SourcePositions final : public AxisPositions {
 public:
  explicit SourcePositions(AxisSource source) : sources_({std::move(source)}) {}
  [[nodiscard]] const std::vector<AxisSource>& sources() const noexcept override { return sources_; }
  [[nodiscard]] std::int64_t extent() const noexcept { return sources_.front().extent; }
  [[nodiscard]] NodePtr trace() const override { return trace_of_whole(extent()); }
  [[nodiscard]] NodePtr select(const CoordinateFinder& find) const override {
    NodePtr found = find(sources_.front());
    return found && found->shape == Shape{extent()} ? found : nullptr;
  }

 private:
  std::vector<AxisSource> sources_;
};

class ViewedPositions final : public AxisPositions {
 public:
  ViewedPositions(PositionsPtr from, std::int64_t extent, IndexMap map)
      : from_(std::move(from)), extent_(extent), map_(std::move(map)) {}
  [[nodiscard]] const std::vector<AxisSource>& sources() const noexcept override { return from_->sources(); }
  [[nodiscard]] NodePtr trace() const override { return make_view(from_->trace(), map_); }
  [[nodiscard]] bool holds_memory() const override { return from_->holds_memory(); }
  [[nodiscard]] NodePtr select(const CoordinateFinder& find) const override {
    const NodePtr whole = from_->select(find);
    return whole ? make_view(whole, map_) : nullptr;
  }

  /// Selects further. One view of views: chains of them stay flat.
  [[nodiscard]] PositionsPtr viewed(const IndexMap& map) const {
    return view_positions(from_, extent_, map_.after(map));
  }

 private:
  PositionsPtr from_;
  std::int64_t extent_;  ///< of `from_`
  IndexMap map_;
};

std::vector<AxisSource> all_sources(const std::vector<PositionsPtr>& inputs) {
  std::vector<AxisSource> all;
  std::set<std::tuple<std::string, std::string, std::string, std::int64_t>> seen;
  for (const PositionsPtr& input : inputs) {
    if (!input) continue;
    for (const AxisSource& source : input->sources()) {
      if (seen.emplace(source.path, source.variable, source.name, source.extent).second)
        all.push_back(source);
    }
  }
  return all;
}

NodePtr coordinate_of(const BoxOperator& op, std::int64_t axis, const std::vector<NodePtr>& operands,
                      const std::vector<NodePtr>& coordinates) {
  const auto* labelled = dynamic_cast<const LabelledOperator*>(&op);
  return labelled != nullptr ? labelled->coordinate(axis, operands, coordinates) : nullptr;
}

class OperatedPositions final : public AxisPositions {
 public:
  OperatedPositions(const Operation& operation, std::vector<NodePtr> operands, std::int64_t axis,
                    std::vector<PositionsPtr> inputs, NodePtr trace)
      : op_(operation.op),
        operands_(std::move(operands)),
        axis_(axis),
        inputs_(std::move(inputs)),
        sources_(all_sources(inputs_)),
        trace_(std::move(trace)) {}

  [[nodiscard]] const std::vector<AxisSource>& sources() const noexcept override { return sources_; }
  [[nodiscard]] NodePtr trace() const override { return trace_; }

  [[nodiscard]] bool holds_memory() const override {
    const auto reads_memory = [](const NodePtr& operand) {
      return operand && any_node(
                            *operand, [](const Node& node) { return node.as<MemorySource>() != nullptr; },
                            [](const Node&) { return true; });
    };
    return std::any_of(operands_.begin(), operands_.end(), reads_memory) ||
           std::any_of(inputs_.begin(), inputs_.end(),
                       [](const PositionsPtr& input) { return input && input->holds_memory(); });
  }

  [[nodiscard]] NodePtr select(const CoordinateFinder& find) const override {
    std::vector<NodePtr> parts;
    std::optional<DType> dtype;
    for (const PositionsPtr& input : inputs_) {
      parts.push_back(input ? input->select(find) : nullptr);
      if (input && !parts.back()) return nullptr;
      if (input) dtype = dtype ? promote_types(*dtype, parts.back()->dtype) : parts.back()->dtype;
    }
    for (NodePtr& part : parts) {
      if (part) part = make_cast(part, *dtype);
    }
    return coordinate_of(*op_, axis_, operands_, parts);
  }

 private:
  std::shared_ptr<const BoxOperator> op_;
  std::vector<NodePtr> operands_;  ///< those that choose; null for those that have positions
  std::int64_t axis_;
  std::vector<PositionsPtr> inputs_;
  std::vector<AxisSource> sources_;
  NodePtr trace_;
};

}  // namespace

PositionsPtr whole_axis(AxisSource source) { return std::make_shared<SourcePositions>(std::move(source)); }

PositionsPtr view_positions(const PositionsPtr& from, std::int64_t extent, const IndexMap& map) {
  if (map.is_identity(Shape{extent})) return from;
  if (const auto* view = dynamic_cast<const ViewedPositions*>(from.get())) return view->viewed(map);
  return std::make_shared<ViewedPositions>(from, extent, map);
}

PositionsPtr operate_positions(const Node& node, std::int64_t axis, std::vector<PositionsPtr> inputs) {
  const auto& operation = *node.as<Operation>();
  std::map<std::int64_t, NodePtr> wholes;  // of many files, most axes have one extent
  std::vector<NodePtr> traces;
  std::vector<NodePtr> operands;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    operands.push_back(inputs[i] ? nullptr : node.inputs[i]);
    const auto* source = dynamic_cast<const SourcePositions*>(inputs[i].get());
    if (source == nullptr) {
      traces.push_back(inputs[i] ? inputs[i]->trace() : nullptr);
      continue;
    }
    NodePtr& whole = wholes[source->extent()];
    if (!whole) whole = source->trace();
    traces.push_back(whole);
  }
  NodePtr trace = coordinate_of(*operation.op, axis, operands, traces);
  if (!trace) return nullptr;
  return std::make_shared<OperatedPositions>(operation, std::move(operands), axis, std::move(inputs),
                                             std::move(trace));
}

bool same_selection(const PositionsPtr& left, const PositionsPtr& right) {
  return left == right || are_equal(*left->trace(), *right->trace());
}

}  // namespace varve::expr
