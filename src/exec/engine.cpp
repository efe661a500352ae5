#include "exec/engine.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace varve::exec {

thread_local int InsideRun::depth_ = 0;

namespace {

constexpr auto kThreads = tbb::global_control::max_allowed_parallelism;

int allowed_threads() { return static_cast<int>(tbb::global_control::active_value(kThreads)); }

// TBB warns on stderr where an arena asks for more threads than the process may have, by default one per
// processor. Raising that limit first gives as many as were asked for. Where the program around us has set a
// lower one it stays, the arena takes what it allows, and slots are worked on one after the other. A limit is
// never lowered: it is the whole process's.
std::optional<tbb::global_control> raised_limit(int threads) {
  if (threads <= allowed_threads()) return std::nullopt;
  return std::optional<tbb::global_control>(std::in_place, kThreads, static_cast<std::size_t>(threads));
}

}  // namespace

// Threads start at the first use with more than one slot: small runs never pay for them.
struct Engine::Workers {
  explicit Workers(int threads) : limit(raised_limit(threads)), arena(std::min(threads, allowed_threads())) {}

  std::optional<tbb::global_control> limit;
  tbb::task_arena arena;
};

Engine::Engine(const EngineOptions& options)
    : options_(options), memory_(std::make_shared<Memory>(options.memory_bytes)) {}

Engine::~Engine() = default;

void Engine::for_each_slot(int slots, const std::function<void(int)>& work) {
  const auto run_slot = [&work](int slot) {
    const InsideRun mark;
    work(slot);
  };
  if (slots <= 1) {
    if (slots == 1) run_slot(0);
    return;
  }
#if defined(__SANITIZE_THREAD__)
  // The sanitizer does not see how TBB hands work over, unless TBB itself was built with it.
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(slots));
  for (int slot = 0; slot < slots; ++slot) {
    threads.emplace_back([&, slot] {
      try {
        run_slot(slot);
      } catch (...) {
        failures[static_cast<std::size_t>(slot)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return;
#endif
  if (!workers_) workers_ = std::make_unique<Workers>(options_.threads);
  const auto run_all = [&] { tbb::parallel_for(0, slots, 1, run_slot, tbb::simple_partitioner()); };
  // A thread that waits for the parts of its tile must not begin another tile in between.
  const bool is_nested = InsideRun::now();
  workers_->arena.execute([&] { is_nested ? tbb::this_task_arena::isolate(run_all) : run_all(); });
}

}  // namespace varve::exec
