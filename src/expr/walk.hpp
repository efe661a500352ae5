#pragma once

#include <unordered_set>
#include <vector>

#include "expr/node.hpp"

namespace varve::expr {

// Walks over expressions. They keep their own stack: elementwise work may be chained deeper than the stack of
// a thread could follow. Each node is visited once, however many others read it.

/// Calls `visit(node)` for `root` and for what lies behind each node of which `visit` returned true, but for
/// nodes in `seen`, to which it adds those that it visits.
template <class Visit>
void walk(const Node& root, std::unordered_set<const Node*>& seen, const Visit& visit) {
  std::vector<const Node*> waiting = {&root};
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    if (!seen.insert(node).second || !visit(*node)) continue;
    for (auto input = node->inputs.rbegin(); input != node->inputs.rend(); ++input)
      waiting.push_back(input->get());
  }
}

/// Tells whether `test(node)` holds for `root` or for a node behind it; behind nodes of which `enter` returns
/// false it does not look.
template <class Test, class Enter>
[[nodiscard]] bool any_node(const Node& root, const Test& test, const Enter& enter) {
  std::unordered_set<const Node*> seen;
  bool found = false;
  walk(root, seen, [&](const Node& node) {
    found = found || test(node);
    return !found && enter(node);
  });
  return found;
}

/// Tells whether an operation is run wherever a box of the node is read. What is stored or reduced is
/// computed before.
[[nodiscard]] inline bool runs_operations(const Node& root) {
  return any_node(
      root, [](const Node& node) { return node.as<Operation>() != nullptr; },
      [](const Node& node) { return node.as<Materialised>() == nullptr && node.as<Reduce>() == nullptr; });
}

/// Calls `visit(node)` for `root` and all that lies behind it, for the inputs of a node before the node.
template <class Visit>
void walk_inputs_first(const Node& root, const Visit& visit) {
  struct Step {
    const Node* node;
    std::size_t next;  ///< of its inputs
  };
  std::unordered_set<const Node*> seen = {&root};
  std::vector<Step> path = {{&root, 0}};
  while (!path.empty()) {
    Step& step = path.back();
    if (step.next < step.node->inputs.size()) {
      const Node* input = step.node->inputs[step.next++].get();
      if (seen.insert(input).second) path.push_back({input, 0});
      continue;
    }
    const Node* done = step.node;
    path.pop_back();
    visit(*done);
  }
}

}  // namespace varve::expr
