#include "cli/tree_builder.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "cli/located_error.hpp"

namespace varve::cli {
namespace {

std::int64_t depth_of(const ExpressionPtr& node) { return node ? node->depth : 0; }
std::int64_t depth_of(const Argument& argument) { return depth_of(argument.value); }

bool is_binary(const ExpressionPtr& node) { return std::holds_alternative<Binary>(node->form); }

template <class Items>
std::int64_t depth_of_all(const Items& items) {
  std::int64_t depth = 0;
  for (const auto& item : items) depth = std::max(depth, depth_of(item));
  return depth;
}

std::int64_t depth_below(const Expression::Form& form) {
  return std::visit(
      [](const auto& node) -> std::int64_t {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, Prefix>)
          return depth_of(node.operand);
        else if constexpr (std::is_same_v<Node, Binary>)
          return std::max(depth_of(node.left) - (is_binary(node.left) ? 1 : 0), depth_of(node.right));
        else if constexpr (std::is_same_v<Node, Attribute>)
          return depth_of(node.object);
        else if constexpr (std::is_same_v<Node, Call>)
          return std::max(depth_of(node.callee), depth_of_all(node.arguments));
        else if constexpr (std::is_same_v<Node, Subscript>)
          return std::max(depth_of(node.object), depth_of_all(node.items));
        else if constexpr (std::is_same_v<Node, SliceBounds>)
          return std::max({depth_of(node.start), depth_of(node.stop), depth_of(node.step)});
        else if constexpr (std::is_same_v<Node, TupleDisplay> || std::is_same_v<Node, ListDisplay>)
          return depth_of_all(node.items);
        else
          return 0;
      },
      form);
}

ExpressionPtr make(std::int64_t position, Expression::Form form) {
  const std::int64_t depth = 1 + depth_below(form);
  if (depth > kMaxDepth) {
    throw LocatedError(position, "the expression is too deep: more than " + std::to_string(kMaxDepth) +
                                     " levels; write a part of it to a file first");
  }
  return ExpressionPtr(new Expression{std::move(form), position, depth});
}

std::vector<ExpressionPtr> values_of(std::vector<Argument>& items) {
  std::vector<ExpressionPtr> values;
  for (Argument& item : items) values.push_back(std::move(item.value));
  return values;
}

}  // namespace

void ReleaseExpression::operator()(const Expression* expression) const noexcept {
  static thread_local std::vector<const Expression*>* waiting = nullptr;
  if (waiting != nullptr) return waiting->push_back(expression);
  std::vector<const Expression*> released = {expression};
  waiting = &released;
  while (!released.empty()) {
    const Expression* next = released.back();
    released.pop_back();
    delete next;
  }
  waiting = nullptr;
}

void TreeBuilder::operand(std::int64_t position, Expression::Form form) {
  frames_.back().operands.push_back(make(position, std::move(form)));
}

void TreeBuilder::prefix(std::int64_t position, const Operator* op) {
  frames_.back().operators.push_back({op, position, true});
}

void TreeBuilder::binary(std::int64_t position, const Operator* op) {
  auto& operators = frames_.back().operators;
  while (!operators.empty()) {
    const Operator& before = *operators.back().op;
    if (before.precedence < op->precedence) break;
    if (before.precedence == op->precedence && op->right_associative) break;
    if (before.precedence == kComparison && op->precedence == kComparison) {
      throw LocatedError(position,
                         "comparisons cannot be chained; write (a < b) & (b < c), with the parentheses");
    }
    apply_last_operator();
  }
  operators.push_back({op, position, false});
}

void TreeBuilder::attribute(std::int64_t position, std::string name) {
  ExpressionPtr object = take_operand();
  operand(position, Attribute{std::move(object), std::move(name)});
}

void TreeBuilder::open(std::int64_t position, Bracket bracket) {
  if (static_cast<std::int64_t>(frames_.size()) > kMaxBrackets) {
    throw LocatedError(position, "too many nested brackets: more than " + std::to_string(kMaxBrackets));
  }
  Frame frame;
  frame.bracket = bracket;
  frame.position = position;
  if (bracket == Bracket::call || bracket == Bracket::subscript) frame.target = take_operand();
  frames_.push_back(std::move(frame));
}

void TreeBuilder::close() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  frames_.back().operands.push_back(finish_frame(frame));
}

void TreeBuilder::keyword(std::int64_t position, std::string name) {
  for (const Argument& item : frames_.back().items) {
    if (item.keyword == name) throw LocatedError(position, "the argument '" + name + "' is given twice");
  }
  frames_.back().keyword = std::move(name);
}

void TreeBuilder::end_expression() {
  while (!frames_.back().operators.empty()) apply_last_operator();
  Frame& frame = frames_.back();
  frame.parts[static_cast<std::size_t>(frame.colons)] = take_operand();
}

void TreeBuilder::end_item() {
  Frame& frame = frames_.back();
  auto& [start, stop, step] = frame.parts;
  if (frame.bracket == Bracket::call && frame.keyword.empty() && !frame.items.empty() &&
      !frame.items.back().keyword.empty()) {
    throw LocatedError(start->position, "a positional argument may not follow a keyword argument");
  }
  ExpressionPtr item =
      frame.colons == 0
          ? std::move(start)
          : make(frame.position, SliceBounds{std::move(start), std::move(stop), std::move(step)});
  frame.items.push_back({std::exchange(frame.keyword, {}), std::move(item)});
  frame.parts = {};
  frame.colons = 0;
  frame.trailing_comma = false;
}

ExpressionPtr TreeBuilder::finish() { return finish_frame(frames_.front()); }

void TreeBuilder::apply_last_operator() {
  Frame& frame = frames_.back();
  const PendingOperator pending = frame.operators.back();
  frame.operators.pop_back();
  ExpressionPtr right = take_operand();
  if (pending.is_prefix) return operand(pending.position, Prefix{pending.op, std::move(right)});
  ExpressionPtr left = take_operand();
  operand(pending.position, Binary{pending.op, std::move(left), std::move(right)});
}

ExpressionPtr TreeBuilder::take_operand() {
  ExpressionPtr last = std::move(frames_.back().operands.back());
  frames_.back().operands.pop_back();
  return last;
}

ExpressionPtr TreeBuilder::finish_frame(Frame& frame) {
  switch (frame.bracket) {
    case Bracket::call: {
      const std::int64_t position = frame.target->position;
      return make(position, Call{std::move(frame.target), std::move(frame.items)});
    }
    case Bracket::subscript: {
      std::vector<ExpressionPtr> items = values_of(frame.items);
      // x[(1, 2)] is x[1, 2], but in x[(1, 2),] the tuple is one item of several.
      if (items.size() == 1 && frame.trailing_comma &&
          std::holds_alternative<TupleDisplay>(items.front()->form)) {
        std::vector<ExpressionPtr> all;
        all.push_back(make(frame.position, TupleDisplay{std::move(items)}));
        items = std::move(all);
      }
      return make(frame.position, Subscript{std::move(frame.target), std::move(items)});
    }
    case Bracket::list:
      return make(frame.position, ListDisplay{values_of(frame.items)});
    case Bracket::group:
    case Bracket::none:
      break;
  }
  if (frame.items.size() == 1 && !frame.trailing_comma) return std::move(frame.items.front().value);
  return make(frame.position, TupleDisplay{values_of(frame.items)});
}

}  // namespace varve::cli
