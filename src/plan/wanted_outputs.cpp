#include "plan/wanted_outputs.hpp"

#include "expr/walk.hpp"

namespace varve::plan {
namespace {

// The same for all outputs of an operator with its inputs.
std::uint64_t hash_of_all(const expr::Node& node) {
  std::uint64_t seed = node.as<expr::Operation>()->op->hash();
  for (const expr::NodePtr& input : node.inputs) seed = expr::mix_hash(seed, input->hash);
  return seed;
}

// Whether a node has its inputs held whole before it reads them.
bool holds_inputs(const expr::Node& node) {
  const auto* operation = node.as<expr::Operation>();
  return node.as<expr::Materialised>() != nullptr || (operation != nullptr && operation->op->reading().again);
}

}  // namespace

WantedOutputs::WantedOutputs(const std::vector<Request>& requests) {
  std::unordered_set<const expr::Node*> seen;
  for (const Request& request : requests) {
    note(*request.node, true);
    expr::walk(*request.node, seen, [this](const expr::Node& node) {
      for (const expr::NodePtr& input : node.inputs) note(*input, holds_inputs(node));
      return true;
    });
  }
}

void WantedOutputs::note(const expr::Node& node, bool is_whole) {
  const auto* operation = node.as<expr::Operation>();
  if (operation == nullptr || !operation->is_of_several()) return;
  Uses& uses = uses_[hash_of_all(node)];
  uses.streamed = uses.streamed || !is_whole;
  uses.several = uses.several || (uses.whole && *uses.whole != operation->output);
  uses.whole = operation->output;
}

bool WantedOutputs::several(const expr::Node& node) const {
  const auto found = uses_.find(hash_of_all(node));
  return found != uses_.end() && found->second.several && !found->second.streamed;
}

}  // namespace varve::plan
