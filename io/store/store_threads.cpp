#include "io/store/store_threads.hpp"

#include <system_error>

namespace varve::io {
namespace {

// They wait nearly all the time: enough for the latency of a disk or a file server, few enough for one to
// serve. Each touches some 16 KiB of its stack.
constexpr std::size_t kMostThreads = 16;

}  // namespace

StoreThreads& StoreThreads::shared() {
  static StoreThreads threads;
  return threads;
}

StoreThreads::~StoreThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void StoreThreads::run(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (has_thread_for_more()) {
      tasks_.push_back(std::move(task));
      wake_.notify_one();
      return;
    }
  }
  task();
}

void StoreThreads::for_each(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::future<void>> ends;
  for (std::size_t i = 1; i < count; ++i) {
    Task task([&work, i] { work(i); });
    ends.push_back(task.get_future());
    run(std::move(task));
  }
  std::exception_ptr failure;
  const auto note = [&](const auto& end) {
    try {
      end();
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  };
  if (count > 0) note([&] { work(0); });
  for (std::future<void>& end : ends) note([&] { end.get(); });
  if (failure) std::rethrow_exception(failure);
}

// Called under the mutex.
bool StoreThreads::has_thread_for_more() {
  if (tasks_.size() < idle_ || threads_.size() == kMostThreads) return true;
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {  // no thread is to be had: those that there are do
  }
  return !threads_.empty();
}

void StoreThreads::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = {};
    lock.lock();
  }
}

}  // namespace varve::io
