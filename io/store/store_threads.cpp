#include "io/store/store_threads.hpp"

#include <unistd.h>

#include <system_error>
#include <thread>
#include <vector>

namespace varve::io {
namespace {

// They wait nearly all the time: enough for the latency of a disk or a file server, few enough for one to
// serve. Each touches some 16 KiB of its stack.
constexpr std::size_t kMostThreads = 16;

}  // namespace

// Never destroyed: a child that ends by exit must not wait for threads that it does not have.
StoreThreads& StoreThreads::shared() {
  static const ::pid_t process = ::getpid();
  static auto* const threads = new StoreThreads(kMostThreads);
  static auto* const none = new StoreThreads(0);
  return ::getpid() == process ? *threads : *none;
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
  if (tasks_.size() >= idle_ && started_ < most_) {
    try {
      std::thread([this] { serve(); }).detach();
      ++started_;
    } catch (const std::system_error&) {  // no thread is to be had: those that there are do
    }
  }
  return started_ > 0;
}

void StoreThreads::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return !tasks_.empty(); });
    --idle_;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = {};
    lock.lock();
  }
}

}  // namespace varve::io
