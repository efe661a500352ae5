#include "io/store/store_threads.hpp"

#include <pthread.h>
#include <unistd.h>

#include <exception>
#include <vector>

namespace varve::io {
namespace {

// They wait nearly all the time: enough for the latency of a disk or a file server, few enough for one to
// serve.
constexpr std::size_t kMaxThreads = 16;
// No room for a huge page, as which the system may give a stack: 2 MiB for the 16 KiB that each touches.
constexpr std::size_t kStackBytes = std::size_t{512} << 10U;

}  // namespace

// Never destroyed: a child that ends by exit must not wait for threads that it does not have.
StoreThreads& StoreThreads::shared() {
  static const ::pid_t process = ::getpid();
  static auto* const threads = new StoreThreads(kMaxThreads);
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
  std::exception_ptr failure;
  const auto note = [&failure](const auto& step) {
    try {
      step();
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  };
  // Whatever fails, what began with `work` is waited for.
  note([&] {
    ends.reserve(count);
    for (std::size_t i = 1; i < count; ++i) {
      Task task([&work, i] { work(i); });
      ends.push_back(task.get_future());
      run(std::move(task));
    }
    if (count > 0) work(0);
  });
  for (std::future<void>& end : ends) note([&end] { end.get(); });
  if (failure) std::rethrow_exception(failure);
}

// Called under the mutex. Where the system gives no thread, those that there are do.
bool StoreThreads::has_thread_for_more() noexcept {
  if (tasks_.size() >= idle_ && started_ < most_ && start_thread()) ++started_;
  return started_ > 0;
}

bool StoreThreads::start_thread() noexcept {
  const auto enter = [](void* threads) -> void* {
    static_cast<StoreThreads*>(threads)->serve();
    return nullptr;
  };
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_t thread{};
  const bool is_started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                          pthread_attr_setstacksize(&attributes, kStackBytes) == 0 &&
                          pthread_create(&thread, &attributes, enter, this) == 0;
  pthread_attr_destroy(&attributes);
  return is_started;
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
