#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace varve::io {

/// Threads that wait for stores, so that those which compute need not. They start when there is work for
/// them. Thread-safe.
class StoreThreads {
 public:
  using Task = std::packaged_task<void()>;

  StoreThreads() = default;
  StoreThreads(const StoreThreads&) = delete;
  StoreThreads& operator=(const StoreThreads&) = delete;
  ~StoreThreads();

  /// Returns those of the process.
  [[nodiscard]] static StoreThreads& shared();

  /// Runs a task in one of the threads, as soon as one is free; at once and here where the system gives none.
  void run(Task task);
  /// Calls `work(i)` for every i in [0, count), many at one time, and waits. Errors: those of the first call
  /// that fails.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  void serve();
  [[nodiscard]] bool has_thread_for_more();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace varve::io
