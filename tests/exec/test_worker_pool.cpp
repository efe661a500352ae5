#include <sys/resource.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <set>
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
    limit.rlim_cur = static_cast<rlim_t>(address_space_bytes() + (7 << 20));
    setrlimit(RLIMIT_AS, &limit);
  }
  ~NoMoreThreads() { setrlimit(RLIMIT_AS, &before_); }
  NoMoreThreads(const NoMoreThreads&) = delete;
  NoMoreThreads& operator=(const NoMoreThreads&) = delete;

 private:
  rlimit before_{};
};

// Waits until `wanted` threads have come here, or for 20 seconds. Returns how many came.
class Meeting {
 public:
  explicit Meeting(int wanted) : wanted_(wanted) {}
  void come() {
    ++here_;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (here_ < wanted_ && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }
  [[nodiscard]] int here() const { return here_; }

 private:
  int wanted_;
  std::atomic<int> here_{0};
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
  Meeting all(4);
  pool.run(4, [&](int) { all.come(); });
  CHECK(all.here() == 4);
  CHECK(pool.started() == 3);
  CHECK(pool.take_use().max_threads == 4);
  CHECK(pool.take_use().max_threads == 1);
}

TEST_CASE("worker pool: loops inside loops get all threads at one time", "[exec]") {
  WorkerPool pool(16);
  Meeting all(16);
  std::vector<std::thread::id> ids(16);
  pool.run(4, [&](int i) {
    pool.run(4, [&](int j) {
      ids[static_cast<std::size_t>(4 * i + j)] = std::this_thread::get_id();
      all.come();
    });
  });
  CHECK(all.here() == 16);
  CHECK(std::set<std::thread::id>(ids.begin(), ids.end()).size() == 16);
  CHECK(pool.started() == 15);
}

TEST_CASE("worker pool: several threads start loops at one time, and each gets helpers", "[exec]") {
  WorkerPool pool(9);
  Meeting all(4 * 3);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] { pool.run(3, [&](int) { all.come(); }); });
  for (std::thread& caller : callers) caller.join();
  CHECK(all.here() == 12);
  CHECK(pool.started() == 8);
}

TEST_CASE("worker pool: a loop of one call is run by its caller, and no thread starts", "[exec]") {
  WorkerPool pool(4);
  std::thread::id by;
  pool.run(1, [&](int) { by = std::this_thread::get_id(); });
  CHECK(by == std::this_thread::get_id());
  CHECK(pool.started() == 0);
  pool.run(0, [&](int) { by = {}; });
  CHECK(by == std::this_thread::get_id());
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
  CHECK_THROWS_WITH(pool.run(2'000'000'000,
                             [&](int i) {
                               ++calls;
                               if (i == 3) throw std::runtime_error("three");
                             }),
                    "three");
  CHECK(calls < 2'000'000'000);
  calls = 0;
  pool.run(50, [&](int) { ++calls; });
  CHECK(calls == 50);
}

TEST_CASE(
    "worker pool: of exceptions thrown by several calls at one time one is thrown, and the pool goes on",
    "[exec]") {
  WorkerPool pool(4);
  for (int round = 0; round < 20; ++round) {
    Meeting all(4);
    CHECK_THROWS_WITH(pool.run(4,
                               [&](int) {
                                 all.come();
                                 throw std::runtime_error("call");
                               }),
                      "call");
  }
  Meeting all(4);
  pool.run(4, [&](int) { all.come(); });
  CHECK(all.here() == 4);
}

TEST_CASE("worker pool: an exception of an inner loop ends the outer one, and is thrown", "[exec]") {
  WorkerPool pool(4);
  std::atomic<int> outer{0};
  CHECK_THROWS_WITH(pool.run(100000,
                             [&](int) {
                               ++outer;
                               pool.run(8, [&](int j) {
                                 if (j == 5) throw std::runtime_error("five");
                               });
                             }),
                    "five");
  CHECK(outer <= 4);
}

TEST_CASE("worker pool: a call that fails ends the loops inside its sibling calls", "[exec]") {
  WorkerPool pool(2);
  Meeting both(2);
  std::atomic<bool> failed{false};
  std::atomic<int> calls{0};
  std::atomic<int> ended{0};
  CHECK_THROWS_WITH(pool.run(2,
                             [&](int i) {
                               both.come();
                               if (i == 0) {
                                 while (calls == 0) std::this_thread::yield();
                                 failed = true;
                                 throw std::runtime_error("sibling");
                               }
                               try {
                                 pool.run(2'000'000'000, [&](int) { ++calls; });
                               } catch (const std::runtime_error&) {
                                 ++ended;
                                 throw;
                               }
                             }),
                    "sibling");
  CHECK(failed);
  CHECK(ended == 1);
  CHECK(calls < 2'000'000'000);
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
  const WorkerPool::Use use = pool.take_use();
  CHECK(use.max_threads == 1);
  CHECK(use.refused == 7);
  const Runtime runtime({.memory = 64_MiB, .threads = 8});
  const Array x = arange(1 << 22, {.dtype = DType::int64});
  const NoMoreThreads limit;
  const RunResult result = run({{sum(x % 2)}});
  CHECK(item<std::int64_t>(result.arrays[0]) == 1 << 21);
  CHECK(result.report.threads == 1);
  CHECK(result.report.refused_threads == 7);
  CHECK(result.report.json().find("\"refused_threads\": 7") != std::string::npos);
}

TEST_CASE("worker pool: threads that were refused come when the system gives some again", "[exec]") {
  if (kSanitized) return;
  WorkerPool pool(4);
  {
    const NoMoreThreads limit;
    pool.run(4, [](int) {});
  }
  REQUIRE(pool.started() == 0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (pool.started() < 3 && std::chrono::steady_clock::now() < end) pool.run(4, [](int) {});
  CHECK(pool.started() == 3);
  Meeting all(4);
  pool.run(4, [&](int) { all.come(); });
  CHECK(all.here() == 4);
}

TEST_CASE("runtime: thousands of threads are as many as can be of use", "[exec]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 4096});
  CHECK(runtime.threads() >= 64);
  CHECK(runtime.threads() <= std::max(64, 2 * static_cast<int>(std::thread::hardware_concurrency())));
  CHECK(item<double>(sum(ones({1 << 20}, {.chunks = Shape{1 << 10}}))) == 1 << 20);
}
