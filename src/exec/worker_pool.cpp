#include "exec/worker_pool.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace varve::exec {
namespace {

// What operations that read one another's results need (expr::kMaxNested), with room for sanitizers.
constexpr std::size_t kStackBytes = std::size_t{8} << 20U;
// Loops over the pieces of a tile follow each other closely: waiting a few microseconds for the next costs
// less than to be woken.
constexpr int kPatience = 40;
// Loops can follow each other by the thousand, and to be refused a thread costs some ten microseconds.
constexpr std::chrono::milliseconds kAskAgainAfter{100};

void require_granted(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// Memory of a stack. Of its own, because in huge pages a thread that needs 20 KiB would take 2 MiB.
class Stack {
 public:
  /// Errors: std::system_error if the system gives no memory, or none that ends what runs over.
  Stack()
      : memory_(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0)) {
    if (memory_ == MAP_FAILED) require_granted(errno, "stack");
    madvise(memory_, kStackBytes, MADV_NOHUGEPAGE);  // fails where the system has no huge pages
    if (mprotect(memory_, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), PROT_NONE) == 0) return;
    const int error = errno;
    munmap(memory_, kStackBytes);
    require_granted(error, "stack");
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
    require_granted(pthread_attr_init(&attributes), "thread");
    int error = pthread_attr_setstack(&attributes, stack_.memory(), kStackBytes);
    if (error == 0) error = pthread_create(&thread_, &attributes, &enter, &pool);
    pthread_attr_destroy(&attributes);
    require_granted(error, "thread");
  }
  ~Thread() { pthread_join(thread_, nullptr); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  static void* enter(void* pool) {
    pthread_setname_np(pthread_self(), "varve");
    static_cast<WorkerPool*>(pool)->serve();
    return nullptr;
  }

  Stack stack_;
  pthread_t thread_{};
};

thread_local const WorkerPool::Loop* WorkerPool::inside_ = nullptr;

// With room for all threads, so that one that was made is always kept.
WorkerPool::WorkerPool(int threads) : max_(threads - 1) { threads_.reserve(static_cast<std::size_t>(max_)); }

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

WorkerPool::Use WorkerPool::take_use() {
  const std::lock_guard lock(mutex_);
  return std::exchange(use_, {});
}

// The threads that the open loops have use for and that are not there. Under the mutex.
int WorkerPool::lacking() const {
  std::int64_t wanted = 0;
  for (const Loop* loop : loops_) {
    const int helpers = loop->helpers.load(std::memory_order_relaxed);
    const int calls = loop->count - loop->next.load(std::memory_order_relaxed);
    wanted += std::max(std::min(calls, loop->count - 1 - helpers), 0);
  }
  const auto there = static_cast<int>(threads_.size());
  return static_cast<int>(std::min<std::int64_t>(wanted - (there - busy_), max_ - there));
}

// Under the mutex.
void WorkerPool::grow() {
  for (int missing = lacking(); missing > 0; --missing) {
    if (Clock::now() < ask_again_ || !start_thread()) {
      use_.refused = std::max(use_.refused, missing);
      return;
    }
  }
}

// Under the mutex.
bool WorkerPool::start_thread() {
  try {
    threads_.push_back(std::make_unique<Thread>(*this));
    return true;
  } catch (const std::exception&) {  // a limit of processes or of memory: go on with what there is
    ask_again_ = Clock::now() + kAskAgainAfter;
    return false;
  }
}

// The newest loop first: others wait for it, and hold memory. Under the mutex.
WorkerPool::Loop* WorkerPool::open_loop() const {
  for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
    if ((*loop)->next.load(std::memory_order_relaxed) < (*loop)->count) return *loop;
  }
  return nullptr;
}

void WorkerPool::fail(Loop& loop, const std::exception_ptr& error) {
  const std::lock_guard lock(mutex_);
  if (!loop.failure) loop.failure = error;
  loop.failed.store(true, std::memory_order_release);
  loop.next = loop.count;
}

const WorkerPool::Loop* WorkerPool::failed_around(const Loop& loop) {
  for (const Loop* outer = loop.around; outer != nullptr; outer = outer->around) {
    if (outer->failed.load(std::memory_order_acquire)) return outer;
  }
  return nullptr;
}

void WorkerPool::take_part(Loop& loop) {
  const Loop* const before = std::exchange(inside_, &loop);
  for (int i = loop.next++; i < loop.count; i = loop.next++) {
    try {
      if (const Loop* failed = failed_around(loop)) std::rethrow_exception(failed->failure);
      loop.work(i);
    } catch (...) {
      fail(loop, std::current_exception());
    }
  }
  inside_ = before;
}

void WorkerPool::run(int count, const std::function<void(int)>& work) {
  if (count == 1) return work(0);
  if (count < 1) return;
  Loop loop(count, work, inside_);
  int sleeping = 0;
  {
    const std::lock_guard lock(mutex_);
    loops_.push_back(&loop);
    grow();
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
      use_.max_threads = std::max(use_.max_threads, ++busy_ + 1);
      lock.unlock();
      take_part(*loop);
      lock.lock();
      --busy_;
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
