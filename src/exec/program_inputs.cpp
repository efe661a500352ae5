#include "exec/program_inputs.hpp"

#include <utility>

#include "exec/operator_runner.hpp"

namespace varve::exec {
namespace {

/// Makes boxes by calling a generator.
class GeneratorProducer final : public BoxProducer {
 public:
  explicit GeneratorProducer(const expr::Generator& generator) : generator_(generator) {}
  std::int64_t produce(const Box& box, std::span<const StridedView> outputs) override {
    generator_.fill(box, outputs.front());
    return 0;
  }

 private:
  const expr::Generator& generator_;
};

bool decodes_chunks(plan::LeafAccess access) {
  return access == plan::LeafAccess::in_chunk || access == plan::LeafAccess::assembled;
}

}  // namespace

ProgramInputs::ProgramInputs(const plan::Program& program, const ChunkGrid& steps, int workers,
                             const RunResources& resources, bool in_place,
                             std::shared_ptr<ChunkCaches> caches)
    : resources_(resources), caches_(caches ? std::move(caches) : std::make_shared<ChunkCaches>()) {
  for (const plan::Leaf& leaf : program.leaves) {
    const plan::LeafAccess access = plan::access_of(leaf, resources.plan.values, steps);
    const LeafBinding binding = bind(leaf, access, steps.chunks(), workers);
    plan::LeafBuffers buffers = plan::buffers_of(leaf, access, resources.plan.values, steps.chunks());
    if (in_place) buffers.gather_bytes = 0;
    readers_.emplace_back(leaf, access, binding, buffers, resources.engine.memory()->pool);
  }
  loaded_.resize(readers_.size());
}

ProgramInputs::~ProgramInputs() = default;

const io::Dataset* ProgramInputs::dataset_of(const plan::Leaf& leaf) const {
  if (!leaf.source) return resources_.stores[static_cast<std::size_t>(leaf.value)]->scratch();
  return resources_.bindings.dataset(*leaf.source);
}

LeafBinding ProgramInputs::bind(const plan::Leaf& leaf, plan::LeafAccess access, const Shape& step,
                                int workers) {
  LeafBinding binding;
  binding.dataset = dataset_of(leaf);
  if (binding.dataset != nullptr) {
    if (decodes_chunks(access)) {
      caches_->add(*binding.dataset, 1, resources_.engine.memory()->pool, resources_.ahead);
      binding.chunks = &caches_->of(*binding.dataset);
      if (binding.dataset->info().read_ahead == io::ReadAhead::fetched) binding.ahead = resources_.ahead;
    }
  } else if (!leaf.source) {
    binding.memory = varve::as_const(resources_.stores[static_cast<std::size_t>(leaf.value)]->memory());
  } else if (leaf.reads(plan::Source::Kind::memory)) {
    binding.memory = resources_.bindings.memory(*leaf.source);
  } else {
    if (leaf.reads(plan::Source::Kind::generator)) {
      producers_.push_back(std::make_unique<GeneratorProducer>(*leaf.source->generator));
    } else {
      producers_.push_back(
          std::make_unique<OperatorRunner>(leaf, plan::demand_shape(leaf, step), workers, resources_));
    }
    binding.producer = producers_.back().get();
  }
  return binding;
}

std::int64_t ProgramInputs::load(const Box& step) {
  caches_->begin_step();
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < readers_.size(); ++i) bytes += readers_[i].load(step, loaded_[i]);
  return bytes;
}

void ProgramInputs::announce(const Box& box) {
  for (LeafReader& reader : readers_) reader.announce(box);
}

}  // namespace varve::exec
