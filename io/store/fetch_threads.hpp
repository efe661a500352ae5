#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace varve::io {

/// Threads that wait for stores, so that those which compute need not. They start when there is work for
/// them. Thread-safe.
class FetchThreads {
 public:
  using Task = std::packaged_task<std::optional<std::int64_t>()>;

  FetchThreads() = default;
  FetchThreads(const FetchThreads&) = delete;
  FetchThreads& operator=(const FetchThreads&) = delete;
  ~FetchThreads();

  /// Returns those of the process.
  [[nodiscard]] static FetchThreads& shared();

  /// Runs a task in one of the threads, as soon as one is free; at once and here where the system gives none.
  void run(Task task);

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
