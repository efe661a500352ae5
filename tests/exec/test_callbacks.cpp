#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "exec/run_context.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// What the process writes to its standard error while an object lives.
class StandardError {
 public:
  explicit StandardError(const std::string& path)
      : path_(path),
        saved_(dup(STDERR_FILENO)),
        file_(::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600)) {
    dup2(file_, STDERR_FILENO);
  }
  ~StandardError() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(file_);
  }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;

  [[nodiscard]] std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
  int saved_;
  int file_;
};

Array computing_inside(int threads_hint) {
  const auto fill = [threads_hint](const Box&, const StridedView& out) {
    const double inner = item<double>(sum(ones({10}) * static_cast<double>(threads_hint)));
    for_each_element([inner](std::byte* element) { *reinterpret_cast<double*>(element) = inner; }, out);
  };
  return from_function({64, 1000}, DType::float64, fill, {.chunks = Shape{1, 1000}});
}

}  // namespace

TEST_CASE("run: a source that computes is an error, not a wait for ever", "[exec]") {
  for (const int threads : {1, 2, 4}) {
    const Runtime runtime({.memory = 64_MiB, .threads = threads});
    CHECK_THROWS_WITH(compute(computing_inside(threads)), Catch::Contains("called back by a run"));
    CHECK(item<double>(sum(ones({10}))) == 10.0);
  }
}

TEST_CASE("run: a progress report that computes is an error, not a wait for ever", "[exec]") {
  for (const int threads : {1, 2}) {
    const Runtime runtime({.memory = 64_MiB, .threads = threads});
    const auto report = [](const Progress&) { (void)compute(ones({10})); };
    CHECK_THROWS_WITH(run({{sum(arange(20'000'000))}}, {.on_progress = report}),
                      Catch::Contains("called back by a run"));
    CHECK(item<double>(sum(ones({10}))) == 10.0);
  }
}

TEST_CASE("run: while a progress report goes on, slots work on and fail", "[exec]") {
  exec::RunContext context;
  std::atomic<int> reports{0};
  std::atomic<bool> go_on{false};
  context.on_progress = [&](const auto&) {
    ++reports;
    while (!go_on) std::this_thread::yield();
  };
  std::thread reader([&] { context.report_now(); });
  while (reports == 0) std::this_thread::yield();
  context.tracing = true;
  context.finish_tile(1, 1);
  context.trace({"tile", 0, 0, 0, 1});
  context.fail(std::make_exception_ptr(Error("failed")));
  CHECK(context.should_stop());
  CHECK_THROWS_AS(context.rethrow(), Error);
  go_on = true;
  reader.join();
  CHECK(reports == 1);
}

TEST_CASE("run: short stages are not reported each, but the last one is", "[exec]") {
  Array x = arange(1000.0);
  for (int i = 0; i < 100; ++i) x = x - mean(x);
  std::int64_t reports = 0;
  Progress last;
  const auto count = [&](const Progress& progress) {
    ++reports;
    last = progress;
  };
  const auto begin = std::chrono::steady_clock::now();
  run({{x}}, {.on_progress = count});
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  CHECK(last.stages > 100);
  CHECK(last.stage == last.stages - 1);
  CHECK(last.tiles_done == last.tiles);
  CHECK(reports <= static_cast<std::int64_t>(taken.count() * 20) + 2);
}

TEST_CASE("run: more threads than processors give the same bits and print nothing", "[exec]") {
  const test::TemporaryDirectory directory;
  const auto deviation = [](int threads) {
    const Runtime runtime({.memory = 64_MiB, .threads = threads});
    return item<double>(stddev(sin(linspace(0, 1000, 5'000'001))));
  };
  const double alone = deviation(1);
  const StandardError printed(directory / "stderr.txt");
  const auto processors = static_cast<int>(std::thread::hardware_concurrency());
  for (const int threads : {2, processors + 2, processors + 6}) CHECK(deviation(threads) == alone);
  CHECK(printed.text().empty());
}
