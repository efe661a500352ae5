#include "exec/engine.hpp"

namespace varve::exec {

thread_local int InsideRun::depth_ = 0;

Engine::Engine(const EngineOptions& options)
    : options_(options),
      memory_(std::make_shared<Memory>(options.memory_bytes)),
      workers_(std::make_unique<WorkerPool>(options.threads)) {}

Engine::~Engine() = default;

void Engine::for_each_slot(int slots, const std::function<void(int)>& work) {
  const auto run_slot = [&work](int slot) {
    const InsideRun mark;
    work(slot);
  };
  if (slots > 1) return workers_->run(slots, run_slot);
  if (slots == 1) run_slot(0);
}

}  // namespace varve::exec
