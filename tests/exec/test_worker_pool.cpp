#include <sys/resource.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "exec/worker_pool.hpp"
#include "varve/varve.hpp"

using namespace varve;
using exec::WorkerPool;

namespace {

#if defined(VARVE_SANITIZER)
constexpr bool kSanitized = true;  // shadow memory is address space too
#else
constexpr bool kSanitized = false;
#endif

std::int64_t address_space_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmSize:")) return std::stoll(line.substr(7)) * 1024;
  }
  return 0;
}

// While one lives, the process gets no room for the stack of another thread.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    getrlimit(RLIMIT_AS, &before_);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(address_space_bytes() + (4 << 20));
    setrlimit(RLIMIT_AS, &limit);
  }
  ~NoMoreThreads() { setrlimit(RLIMIT_AS, &before_); }
  NoMoreThreads(const NoMoreThreads&) = delete;
  NoMoreThreads& operator=(const NoMoreThreads&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("worker pool: every call is made once, however many threads there are", "[exec]") {
  for (const int threads : {1, 2, 5, 32}) {
    WorkerPool pool(threads);
    for (const int count : {1, 2, 3, 100, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      pool.run(count, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
      for (const auto& call : calls) REQUIRE(call == 1);
    }
    CHECK(pool.started() <= threads - 1);
  }
}

TEST_CASE("worker pool: threads work at the same time, as many as were asked for", "[exec]") {
  WorkerPool pool(4);
  std::atomic<int> here{0};
  pool.run(4, [&](int) {
    ++here;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (here < 4 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  CHECK(here == 4);
  CHECK(pool.started() == 3);
}

TEST_CASE("worker pool: loops inside loops end, and a thread that waits begins nothing else", "[exec]") {
  WorkerPool pool(3);
  std::atomic<int> calls{0};
  std::atomic<int> mixed{0};
  pool.run(6, [&](int) {
    static thread_local int depth = 0;
    mixed += depth == 0 ? 0 : 1;
    ++depth;
    for (int round = 0; round < 200; ++round) pool.run(5, [&](int) { ++calls; });
    --depth;
  });
  CHECK(calls == 6 * 200 * 5);
  CHECK(mixed == 0);
}

TEST_CASE("worker pool: the first exception ends the loop and is thrown; the pool goes on", "[exec]") {
  WorkerPool pool(4);
  std::atomic<int> calls{0};
  CHECK_THROWS_WITH(pool.run(100000,
                             [&](int i) {
                               ++calls;
                               if (i == 3) throw std::runtime_error("three");
                             }),
                    "three");
  CHECK(calls < 100000);
  calls = 0;
  pool.run(50, [&](int) { ++calls; });
  CHECK(calls == 50);
}

TEST_CASE("worker pool: where the system gives no thread, the work is done by those that there are",
          "[exec]") {
  if (kSanitized) return;
  WorkerPool pool(8);
  std::atomic<int> calls{0};
  {
    const NoMoreThreads limit;
    pool.run(8, [&](int) { ++calls; });
  }
  CHECK(calls == 8);
  CHECK(pool.started() == 0);
  const Runtime runtime({.memory = 64_MiB, .threads = 8});
  const Array x = ones({1 << 16}, {.chunks = Shape{1 << 10}});
  const NoMoreThreads limit;
  CHECK(item<double>(sum(x + x)) == 2 << 16);
}

TEST_CASE("runtime: thousands of threads are as many as can be of use", "[exec]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 4096});
  CHECK(runtime.threads() >= 64);
  CHECK(runtime.threads() <= std::max(64, 2 * static_cast<int>(std::thread::hardware_concurrency())));
  CHECK(item<double>(sum(ones({1 << 20}, {.chunks = Shape{1 << 10}}))) == 1 << 20);
}
