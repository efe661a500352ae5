#include "exec/worker_pool.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

namespace varve::exec {
namespace {

// What operations that read one another's results need (expr::kMaxNested), with room for sanitizers.
constexpr std::size_t kStackBytes = std::size_t{8} << 20U;
// Loops over the pieces of a tile follow each other closely: waiting a few microseconds for the next costs
// less than to be woken.
constexpr int kPatience = 40;

/// Memory of a stack. Of its own, because in huge pages a thread that needs 20 KiB would take 2 MiB.
class Stack {
 public:
  Stack()
      : memory_(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "stack");
    madvise(memory_, kStackBytes, MADV_NOHUGEPAGE);
    mprotect(memory_, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), PROT_NONE);  // ends what runs over
  }
  ~Stack() { munmap(memory_, kStackBytes); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  [[nodiscard]] void* memory() const noexcept { return memory_; }

 private:
  void* memory_;
};

}  // namespace

/// A thread of the pool, joined when destroyed.
class WorkerPool::Thread {
 public:
  /// Errors: std::system_error if the system gives none.
  explicit Thread(WorkerPool& pool) {
    pthread_attr_t attributes;
    if (const int error = pthread_attr_init(&attributes))
      throw std::system_error(error, std::generic_category(), "thread");
    pthread_attr_setstack(&attributes, stack_.memory(), kStackBytes);
    const int error = pthread_create(&thread_, &attributes, &enter, &pool);
    pthread_attr_destroy(&attributes);
    if (error != 0) throw std::system_error(error, std::generic_category(), "thread");
  }
  ~Thread() { pthread_join(thread_, nullptr); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  static void* enter(void* pool) {
    static_cast<WorkerPool*>(pool)->serve();
    return nullptr;
  }

  Stack stack_;
  pthread_t thread_{};
};

WorkerPool::WorkerPool(int threads) : most_(threads - 1) {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    begun_.fetch_add(1);
  }
  wake_.notify_all();
  threads_.clear();
}

int WorkerPool::started() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(threads_.size());
}

// Under the mutex.
void WorkerPool::grow(int wanted) {
  while (static_cast<int>(threads_.size()) < std::min(wanted, most_)) {
    try {
      threads_.push_back(std::make_unique<Thread>(*this));
    } catch (const std::exception&) {  // a limit of processes or of memory: go on with what there is
      most_ = static_cast<int>(threads_.size());
    }
  }
}

// Under the mutex.
WorkerPool::Loop* WorkerPool::open_loop() const {
  for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
    if ((*loop)->next.load(std::memory_order_relaxed) < (*loop)->count) return *loop;
  }
  return nullptr;
}

void WorkerPool::take_part(Loop& loop) {
  for (int i = loop.next++; i < loop.count; i = loop.next++) {
    try {
      loop.work(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!loop.failure) loop.failure = std::current_exception();
      loop.next = loop.count;
    }
  }
}

void WorkerPool::run(int count, const std::function<void(int)>& work) {
  Loop loop(count, work);
  int sleeping = 0;
  {
    const std::lock_guard lock(mutex_);
    loops_.push_back(&loop);
    grow(count - 1);
    begun_.fetch_add(1);  // under the mutex: who goes to sleep now would not be woken
    sleeping = sleeping_;
  }
  for (int woken = 0; woken < std::min(count - 1, sleeping); ++woken) wake_.notify_one();
  take_part(loop);
  await_helpers(loop);
  if (loop.failure) std::rethrow_exception(loop.failure);
}

// Helpers that are still at work are few, and soon done.
void WorkerPool::await_helpers(Loop& loop) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(loops_, &loop);  // no more come
  }
  for (int wait = 0; wait < kPatience && loop.helpers.load() > 0; ++wait) std::this_thread::yield();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return loop.helpers.load() == 0; });
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (Loop* loop = open_loop()) {
      ++loop->helpers;
      lock.unlock();
      take_part(*loop);
      lock.lock();
      if (--loop->helpers == 0) done_.notify_all();
      continue;
    }
    const std::uint64_t seen = begun_.load();
    lock.unlock();
    for (int wait = 0; wait < kPatience && begun_.load() == seen; ++wait) std::this_thread::yield();
    lock.lock();
    if (begun_.load() != seen || stopping_) continue;
    ++sleeping_;
    wake_.wait(lock, [&] { return stopping_ || begun_.load() != seen; });
    --sleeping_;
  }
}

}  // namespace varve::exec
