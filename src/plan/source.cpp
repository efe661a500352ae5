#include "plan/source.hpp"

#include "expr/equality.hpp"

namespace varve::plan {
namespace {

double decoded_bytes(const io::DatasetInfo& info) {
  double bytes = static_cast<double>(size_bytes(info.dtype));
  for (const std::int64_t extent : info.grid.shape()) bytes *= static_cast<double>(extent);
  return bytes;
}

double stored_bytes(const io::DatasetInfo& info) {
  if (info.stored_bytes >= 0) return static_cast<double>(info.stored_bytes);
  if (info.sampled_chunk_bytes < 0) return decoded_bytes(info);
  return static_cast<double>(info.sampled_chunk_bytes) * static_cast<double>(info.grid.chunk_count());
}

double stored_chunk_bytes(const io::DatasetInfo& info) {
  double chunks = 1;
  for (const std::int64_t count : info.grid.counts()) chunks *= static_cast<double>(count);
  if (info.stored_bytes >= 0 && chunks > 0) return static_cast<double>(info.stored_bytes) / chunks;
  return static_cast<double>(info.sampled_chunk_bytes >= 0 ? info.sampled_chunk_bytes : info.chunk_bytes());
}

std::shared_ptr<const DatasetFacts> facts_of(const io::DatasetInfo& info) {
  auto facts = std::make_shared<DatasetFacts>();
  facts->location = info.location;
  facts->identity = info.identity;
  facts->grid = info.grid;
  facts->chunk_bytes = info.chunk_bytes();
  facts->read_workspace_bytes = info.read_workspace_bytes;
  facts->fetched_bytes = info.read_ahead == io::ReadAhead::fetched ? info.encoded_bytes : 0;
  facts->stored_bytes = stored_bytes(info);
  facts->stored_chunk_bytes = stored_chunk_bytes(info);
  facts->partial_reads = info.partial_reads;
  facts->decodes_slowly = info.decodes_slowly;
  return facts;
}

void describe(const expr::Node& node, Source& source) {
  if (const auto* dataset = node.as<expr::DatasetSource>()) {
    source.kind = Source::Kind::dataset;
    source.dataset = facts_of(dataset->dataset->info());
    source.name = source.dataset->location;
  } else if (const auto* generator = node.as<expr::GeneratorSource>()) {
    source.kind = Source::Kind::generator;
    source.generator = generator->generator;
    source.name = generator->generator->name();
  } else if (const auto* operation = node.as<expr::Operation>()) {
    source.kind = Source::Kind::operation;
    source.op = operation->op;
    source.name = operation->op->name();
  } else {
    source.name = "array in memory";
  }
}

// Compares what pointers point at.
template <class T>
bool are_equal(const std::shared_ptr<T>& left, const std::shared_ptr<T>& right) {
  return left == right || (left && right && *left == *right);
}

}  // namespace

bool operator==(const Source& left, const Source& right) {
  return left.id == right.id && left.kind == right.kind && left.name == right.name &&
         left.shape == right.shape && left.dtype == right.dtype && are_equal(left.dataset, right.dataset) &&
         are_equal(left.generator, right.generator) && are_equal(left.op, right.op);
}

SourcePtr SourceTable::of(const expr::NodePtr& node) {
  const auto [first, last] = known_.equal_range(node->hash);
  for (auto known = first; known != last; ++known) {
    const expr::NodePtr& origin = known->second->origin;
    if (origin == node || expr::are_equal(*origin, *node)) return known->second;
  }
  auto source = std::make_shared<Source>();
  source->id = static_cast<int>(sources_.size());
  source->origin = node;
  source->shape = node->shape;
  source->dtype = node->dtype;
  describe(*node, *source);
  sources_.push_back(source);
  known_.emplace(node->hash, source);
  return source;
}

}  // namespace varve::plan
