#include "exec/engine.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <optional>

namespace varve::exec {

// Threads start at the first use with more than one slot: small runs never pay for them.
struct Engine::Workers {
  std::optional<tbb::task_arena> arena;
};

Engine::Engine(const EngineOptions& options)
    : options_(options),
      memory_(std::make_shared<Memory>(options.memory_bytes)),
      workers_(std::make_unique<Workers>()) {}

Engine::~Engine() = default;

void Engine::for_each_slot(int slots, const std::function<void(int)>& work) {
  if (slots <= 1) {
    if (slots == 1) work(0);
    return;
  }
  if (!workers_->arena) workers_->arena.emplace(options_.threads);
  workers_->arena->execute([&] { tbb::parallel_for(0, slots, 1, work, tbb::simple_partitioner()); });
}

}  // namespace varve::exec
