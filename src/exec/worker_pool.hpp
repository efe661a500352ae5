#pragma once

#include <atomic>
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
/// further down its stack. Threads start when a loop first needs them, as many as the system grants: with
/// fewer, the same work takes longer. Thread-safe.
class WorkerPool {
 public:
  /// `threads`: how many work at one time, with the one that starts a loop; at least 1.
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Calls `work(i)` for every i in [0, count) and waits. Errors: the first exception of `work`, after which
  /// no further call begins.
  void run(int count, const std::function<void(int)>& work);

  /// Returns the threads that have started.
  [[nodiscard]] int started() const;

 private:
  class Thread;
  /// A loop that is worked on.
  struct Loop {
    Loop(int calls, const std::function<void(int)>& body) : count(calls), work(body) {}
    const int count;
    const std::function<void(int)>& work;
    std::atomic<int> next{0};
    std::atomic<int> helpers{0};  ///< threads of the pool in it; grows under the mutex
    std::exception_ptr failure;   ///< guarded by the mutex
  };

  void take_part(Loop& loop);
  void serve();
  void grow(int wanted);
  [[nodiscard]] Loop* open_loop() const;
  void await_helpers(Loop& loop);

  int most_;  ///< falls to what there is where the system gives no more
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<Loop*> loops_;  ///< the one that began last stands last
  std::atomic<std::uint64_t> begun_{0};
  int sleeping_ = 0;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace varve::exec
