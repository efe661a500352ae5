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

}  // namespace

WantedOutputs::WantedOutputs(const std::vector<Request>& requests) {
  std::unordered_set<const expr::Node*> seen;
  for (const Request& request : requests) {
    expr::walk(*request.node, seen, [&](const expr::Node& node) {
      const auto* operation = node.as<expr::Operation>();
      if (operation != nullptr && operation->is_of_several())
        outputs_[hash_of_all(node)].insert(operation->output);
      return true;
    });
  }
}

bool WantedOutputs::several(const expr::Node& node) const {
  const auto found = outputs_.find(hash_of_all(node));
  return found != outputs_.end() && found->second.size() > 1;
}

}  // namespace varve::plan
