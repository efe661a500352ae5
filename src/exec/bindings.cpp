#include "exec/bindings.hpp"

#include "varve/core/error.hpp"

namespace varve::exec {
namespace {

bool is_kind(const expr::Node& node, plan::Source::Kind kind) {
  switch (kind) {
    case plan::Source::Kind::dataset:
      return node.as<expr::DatasetSource>() != nullptr;
    case plan::Source::Kind::memory:
      return node.as<expr::MemorySource>() != nullptr;
    default:
      return true;
  }
}

// A plan counts on where the chunks of its datasets lie, and on what reading one takes.
bool has_facts(const expr::Node& node, const plan::DatasetFacts& facts) {
  const io::DatasetInfo& info = node.as<expr::DatasetSource>()->dataset->info();
  return info.grid == facts.grid && info.chunk_bytes() == facts.chunk_bytes &&
         info.read_workspace_bytes <= facts.read_workspace_bytes && info.partial_reads == facts.partial_reads;
}

// Facts of a dataset that was changed may still look the same. Another copy of it has another location.
bool was_changed(const expr::Node& node, const plan::DatasetFacts& facts) {
  const io::DatasetInfo& info = node.as<expr::DatasetSource>()->dataset->info();
  return info.location == facts.location && info.identity != facts.identity;
}

void require_bound(const plan::Source& source, const expr::NodePtr& node) {
  if (source.definition() != nullptr) return;
  if (!node) throw ArgumentError("the plan reads '" + source.name + "', which nothing is bound to");
  const bool fits = is_kind(*node, source.kind) && node->shape == source.shape &&
                    node->dtype == source.dtype && (!source.dataset || has_facts(*node, *source.dataset));
  if (!fits) {
    throw ArgumentError("the plan reads '" + source.name + "', of shape " + to_string(source.shape) +
                        " and dtype " + std::string(name_of(source.dtype)) +
                        "; what is bound to it is another array");
  }
  if (source.dataset && was_changed(*node, *source.dataset))
    throw ArgumentError("the plan reads '" + source.name + "', which was changed since: plan again");
}

}  // namespace

Bindings::Bindings(const plan::Plan& plan) {
  for (const plan::SourcePtr& source : plan.sources) {
    require_bound(*source, source->origin);
    nodes_.push_back(source->origin);
  }
}

Bindings::Bindings(const plan::Plan& plan, std::vector<expr::NodePtr> nodes) : nodes_(std::move(nodes)) {
  if (nodes_.size() != plan.sources.size()) {
    throw ArgumentError("the plan has " + std::to_string(plan.sources.size()) + " sources, and " +
                        std::to_string(nodes_.size()) + " are bound");
  }
  for (std::size_t id = 0; id < nodes_.size(); ++id) require_bound(*plan.sources[id], nodes_[id]);
}

const io::Dataset* Bindings::dataset(const plan::Source& source) const noexcept {
  if (source.kind != plan::Source::Kind::dataset) return nullptr;
  return node(source.id)->as<expr::DatasetSource>()->dataset.get();
}

const ConstStridedView& Bindings::memory(const plan::Source& source) const {
  return node(source.id)->as<expr::MemorySource>()->view;
}

}  // namespace varve::exec
