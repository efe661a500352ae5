#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace varve::exec {

/// Threads that share loops. A loop is worked on by the thread that starts it and by those of the pool that
/// are free; one that waits for the end of its loop takes no part in another, whose buffers could be in use
/// further down its stack. Threads start when the loops that are open have use for them, as many as the
/// system grants: with fewer, the same work takes longer, and later loops ask again. Thread-safe.
class WorkerPool {
 public:
  /// What ran since `take_use` was called last.
  struct Use {
    int max_threads = 1;  ///< at one time, with one that started a loop
    int refused = 0;      ///< threads that loops lacked at most because the system gave none
  };

  /// `threads`: how many work at one time, with the one that starts a loop; at least 1. Where several threads
  /// start loops, those beyond the first come on top.
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Calls `work(i)` for every i in [0, count) and waits. Errors: the first exception of `work`, after which
  /// no further call begins, nor one of a loop that was started inside: there `run` throws the same.
  void run(int count, const std::function<void(int)>& work);

  /// Returns the threads that have started.
  [[nodiscard]] int started() const;
  /// Returns the use that was made of the pool, and begins to count anew.
  [[nodiscard]] Use take_use();

 private:
  class Thread;
  using Clock = std::chrono::steady_clock;
  /// A loop that is worked on.
  struct Loop {
    Loop(int calls, const std::function<void(int)>& body, const Loop* outer)
        : count(calls), work(body), around(outer) {}
    const int count;
    const std::function<void(int)>& work;
    const Loop* const around;  ///< the loop in a call of which this one was started
    std::atomic<int> next{0};
    std::atomic<int> helpers{0};      ///< threads of the pool in it; grows under the mutex
    std::atomic<bool> failed{false};  ///< set after `failure`, which then stays
    std::exception_ptr failure;
  };

  void take_part(Loop& loop);
  void serve();
  void grow();
  bool start_thread();
  void fail(Loop& loop, const std::exception_ptr& error);
  [[nodiscard]] int lacking() const;
  [[nodiscard]] Loop* open_loop() const;
  [[nodiscard]] static const Loop* failed_around(const Loop& loop);
  void await_helpers(Loop& loop);

  static thread_local const Loop* inside_;  ///< the loop that this thread works on; null: none

  const int max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<Loop*> loops_;  ///< the one that began last stands last
  std::atomic<std::uint64_t> begun_{0};
  int sleeping_ = 0;
  int busy_ = 0;  ///< threads of the pool that are in a loop
  Use use_;
  Clock::time_point ask_again_{};  ///< when the system is asked for a thread again
  bool stopping_ = false;
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace varve::exec
