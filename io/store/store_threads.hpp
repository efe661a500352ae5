#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>

namespace varve::io {

/// Threads that wait for stores, so that those which compute need not. They start when there is work for
/// them, and end with the process. Thread-safe.
class StoreThreads {
 public:
  using Task = std::packaged_task<void()>;

  StoreThreads(const StoreThreads&) = delete;
  StoreThreads& operator=(const StoreThreads&) = delete;

  /// Returns those of the process. Threads do not survive a fork: in a child there are none.
  [[nodiscard]] static StoreThreads& shared();

  /// Runs a task in one of the threads, as soon as one is free; at once and here where the system gives none.
  void run(Task task);
  /// Calls `work(i)` for every i in [0, count), many at one time, and waits. Errors: those of the first call
  /// that fails.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  explicit StoreThreads(std::size_t most) : most_(most) {}
  void serve();
  [[nodiscard]] bool has_thread_for_more() noexcept;
  [[nodiscard]] bool start_thread() noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  const std::size_t most_;
  std::size_t started_ = 0;
  std::size_t idle_ = 0;
};

}  // namespace varve::io
