#include "exec/engine.hpp"

#include <pthread.h>

#include <cstdint>
#include <system_error>

#include "varve/core/process_wide.hpp"

namespace varve::exec {

// The number of marks that a thread carries, for all copies of Varve in the process: they share a runtime.
class MarkCount {
 public:
  MarkCount() {
    const int error = ::pthread_key_create(&key_, nullptr);
    if (error != 0) throw std::system_error(error, std::generic_category(), "cannot make a thread's mark");
  }
  [[nodiscard]] std::intptr_t get() const noexcept {
    return reinterpret_cast<std::intptr_t>(::pthread_getspecific(key_));
  }
  [[nodiscard]] bool set(std::intptr_t count) const noexcept {
    return ::pthread_setspecific(key_, reinterpret_cast<const void*>(count)) == 0;
  }

 private:
  pthread_key_t key_{};
};

InsideRun::InsideRun() {
  const auto& marks = process_wide<MarkCount>();
  if (!marks.set(marks.get() + 1)) throw std::bad_alloc();
}

InsideRun::~InsideRun() {
  const auto& marks = process_wide<MarkCount>();
  static_cast<void>(marks.set(marks.get() - 1));  // the place is there: the constructor made it
}

bool InsideRun::now() { return process_wide<MarkCount>().get() > 0; }

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
