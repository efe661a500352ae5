#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "exec/budget.hpp"
#include "exec/buffer_pool.hpp"
#include "exec/worker_pool.hpp"
#include "io/scratch/scratch_coding.hpp"

namespace varve::exec {

/// The memory of an engine. Results keep it alive: they may outlive the engine that made them.
struct Memory {
  explicit Memory(std::int64_t total_bytes) : budget(total_bytes), pool(budget) {}
  Budget budget;
  BufferPool pool;
};

struct EngineOptions {
  std::int64_t memory_bytes = 0;
  int threads = 1;
  std::string scratch_directory;
  io::ScratchCodec scratch_codec = io::ScratchCodec::none;
  /// Directory in which scratch keeps its names, for other processes to read; the caller makes it for one run
  /// and removes it. Empty: scratch lies in `scratch_directory`, and nothing of it remains.
  std::string named_scratch = {};
};

/// Marks a thread as working for a run, as long as the mark lives. What is called back from there must not
/// start another run: it would wait for the one that waits for it.
class InsideRun {
 public:
  InsideRun();
  ~InsideRun();
  InsideRun(const InsideRun&) = delete;
  InsideRun& operator=(const InsideRun&) = delete;

  /// Tells whether this thread works for a run.
  [[nodiscard]] static bool now();
};

/// Owns what runs share: the ledger, the pool and the worker threads.
class Engine {
 public:
  explicit Engine(const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] const EngineOptions& options() const noexcept { return options_; }
  [[nodiscard]] const std::shared_ptr<Memory>& memory() const noexcept { return memory_; }
  /// Runs `work(slot)` for every slot in [0, slots), on up to `threads` threads, and waits. The first
  /// exception that `work` throws is thrown again. Inside `work` it may be called once more, for parts of a
  /// slot.
  void for_each_slot(int slots, const std::function<void(int)>& work);
  /// Returns the use that was made of the threads since it was asked last.
  [[nodiscard]] WorkerPool::Use take_thread_use() { return workers_->take_use(); }
  /// Returns the mutex that a run holds from planning to its end: plans are made for the memory that is free.
  [[nodiscard]] std::mutex& run_mutex() noexcept { return run_mutex_; }

 private:
  EngineOptions options_;
  std::shared_ptr<Memory> memory_;
  std::unique_ptr<WorkerPool> workers_;
  std::mutex run_mutex_;
};

}  // namespace varve::exec
