#include "exec/program_inputs.hpp"

#include <algorithm>

#include "exec/operator_runner.hpp"

namespace varve::exec {
namespace {

/// Makes boxes by calling a generator.
class GeneratorProducer final : public BoxProducer {
 public:
  explicit GeneratorProducer(const expr::GeneratorSource& source) : source_(source) {}
  std::int64_t produce(const Box& box, const StridedView& target) override {
    source_.function(box, target);
    return 0;
  }

 private:
  const expr::GeneratorSource& source_;
};

bool decodes_chunks(plan::LeafAccess access) {
  return access == plan::LeafAccess::in_chunk || access == plan::LeafAccess::assembled;
}

}  // namespace

ProgramInputs::ProgramInputs(const plan::Program& program, const ChunkGrid& steps, int workers,
                             const RunResources& resources)
    : program_(program), resources_(resources) {
  for (const plan::Leaf& leaf : program.leaves) {
    const plan::LeafAccess access = plan::access_of(leaf, resources.plan.values, steps);
    const LeafBinding binding = bind(leaf, access, steps.chunks(), workers);
    const plan::LeafBuffers buffers = plan::buffers_of(leaf, access, resources.plan.values, steps.chunks());
    readers_.emplace_back(leaf, access, binding, buffers, resources.engine.memory()->pool);
  }
  loaded_.resize(readers_.size());
}

ProgramInputs::~ProgramInputs() = default;

const io::Dataset* ProgramInputs::dataset_of(const plan::Leaf& leaf) const {
  if (!leaf.source) return resources_.stores[static_cast<std::size_t>(leaf.value)]->scratch();
  const auto* source = leaf.source->as<expr::DatasetSource>();
  return source != nullptr ? source->dataset.get() : nullptr;
}

LeafBinding ProgramInputs::bind(const plan::Leaf& leaf, plan::LeafAccess access, const Shape& step,
                                int workers) {
  LeafBinding binding;
  binding.dataset = dataset_of(leaf);
  if (binding.dataset != nullptr) {
    if (decodes_chunks(access)) binding.chunks = &cache_for(*binding.dataset);
  } else if (!leaf.source) {
    binding.memory = as_const(resources_.stores[static_cast<std::size_t>(leaf.value)]->memory());
  } else if (const auto* memory = leaf.source->as<expr::MemorySource>()) {
    binding.memory = memory->view;
  } else {
    if (const auto* generator = leaf.source->as<expr::GeneratorSource>()) {
      producers_.push_back(std::make_unique<GeneratorProducer>(*generator));
    } else {
      producers_.push_back(
          std::make_unique<OperatorRunner>(leaf, plan::demand_shape(leaf, step), workers, resources_));
    }
    binding.producer = producers_.back().get();
  }
  return binding;
}

ChunkCache& ProgramInputs::cache_for(const io::Dataset& dataset) {
  for (const auto& cache : caches_) {
    if (&cache->dataset() == &dataset) return *cache;
  }
  const auto& leaves = program_.leaves;
  const auto reads_it = [&](const plan::Leaf& leaf) { return dataset_of(leaf) == &dataset; };
  const auto count = static_cast<int>(std::count_if(leaves.begin(), leaves.end(), reads_it));
  caches_.push_back(std::make_unique<ChunkCache>(dataset, count, resources_.engine.memory()->pool));
  return *caches_.back();
}

std::int64_t ProgramInputs::load(const Box& step) {
  for (const auto& cache : caches_) cache->begin_step();
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < readers_.size(); ++i) bytes += readers_[i].load(step, loaded_[i]);
  return bytes;
}

void ProgramInputs::prefetch(const Box& box) const {
  for (const LeafReader& reader : readers_) reader.prefetch(box);
}

}  // namespace varve::exec
