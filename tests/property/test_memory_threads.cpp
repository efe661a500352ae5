#include <malloc.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "property/operation_cases.hpp"
#include "property/resident_memory.hpp"
#include "support/temporary_directory.hpp"

// The resident set holds what no ledger sees too: stacks and heaps of threads, memory that codecs take from
// malloc and what malloc keeps of it, files that libhdf5 has open. All of that stays within the 64 MiB beside
// the budget.
namespace varve::test {
namespace {

constexpr std::int64_t kBudget = kSanitized ? 8_MiB : 64_MiB;
constexpr std::int64_t kOverhead = 64_MiB;

void check_case(const OperationCase& test, int threads, const TemporaryDirectory& directory) {
  INFO(test.name << " with " << threads << " threads");
  const Runtime runtime({.memory = kBudget, .threads = threads, .scratch = directory.path().string()});
  std::vector<Output> outputs;
  for (const Array& result : test.build(blosc_operation_inputs())) {
    outputs.push_back({result,
                       directory / ("y" + std::to_string(outputs.size()) + ".zarr"),
                       "",
                       {.codec = "blosc:zstd:1", .existing = Existing::overwrite}});
  }
  reset_peak_resident_bytes();
  const RunReport report = run(outputs).report;
  CHECK(report.peak_leased_bytes <= kBudget);
  INFO("leased " << report.peak_leased_bytes << ", resident " << peak_resident_bytes());
  if (!kSanitized) CHECK(peak_resident_bytes() <= kBudget + kOverhead);
}

void check_cases(const std::vector<int>& threads, std::size_t from, std::size_t step) {
  const TemporaryDirectory directory;
  const std::vector<OperationCase> cases = operation_cases();
  for (std::size_t i = from; i < cases.size(); i += step) {
    for (std::size_t at = 0; at < threads.size(); ++at) {
      if (step > 1 && at != i / step % threads.size()) continue;
      try {
        check_case(cases[i], threads[at], directory);
      } catch (const Error& error) {
        FAIL_CHECK(cases[i].name << ": " << error.what());
      }
    }
  }
}

// Small arrays in files of all formats; the mean of all is known.
std::vector<Array> many_inputs(const TemporaryDirectory& directory, std::int64_t count) {
  const Runtime runtime({.memory = 16_MiB, .threads = 1});
  std::vector<Array> inputs;
  for (std::int64_t i = 0; i < count; ++i) {
    const char* ending = i % 8 == 0 ? ".npy" : i % 8 == 1 ? ".zarr" : i % 8 == 2 ? ".h5" : ".nc";
    const std::string path = directory / (std::to_string(i) + ending);
    const bool npy = i % 8 == 0;
    const Array x = full({4, 500}, static_cast<double>(i), {.dtype = DType::float32});
    save(x, path, npy ? SaveOptions{} : SaveOptions{.chunks = {2, 250}, .codec = "gzip:1"});
    inputs.push_back(open(path));
  }
  return inputs;
}

}  // namespace

TEST_CASE("memory: operations keep to the budget with 1, 2, 8 and 32 threads", "[memory]") {
  check_cases({1, 32, 8, 2}, 0, 3);
}

TEST_CASE("memory: every operation keeps to the budget with 1, 2, 8 and 32 threads", "[memory][.slow]") {
  check_cases({1, 2, 8, 32}, 0, 1);
}

TEST_CASE("memory: a thousand inputs keep to the budget, whatever the threads", "[memory]") {
  const TemporaryDirectory directory;
  constexpr std::int64_t kCount = kSanitized ? 200 : 1000;
  const std::vector<Array> inputs = many_inputs(directory, kCount);
  const Array all = concat(inputs, 0);
  for (const int threads : {1, 2, 8, 32}) {
    INFO(threads << " threads");
    ::malloc_trim(0);
    reset_peak_resident_bytes();
    INFO("resident before " << peak_resident_bytes());
    const Runtime runtime({.memory = 16_MiB, .threads = threads});
    const auto [average, largest] = compute(mean(all), max(all, {.axis = 1}));
    CHECK(static_cast<double>(item<float>(average)) == Approx((static_cast<double>(kCount) - 1) / 2));
    CHECK(to_vector<float>(largest).back() == static_cast<float>(kCount - 1));
    INFO("resident " << peak_resident_bytes());
    if (!kSanitized) CHECK(peak_resident_bytes() <= 16_MiB + kOverhead);
  }
}

TEST_CASE("memory: ten thousand expressions in one run keep to the budget", "[memory]") {
  constexpr std::int64_t kCount = kSanitized ? 300 : 10'000;
  for (const int threads : {1, 32}) {
    INFO(threads << " threads");
    ::malloc_trim(0);
    reset_peak_resident_bytes();
    INFO("resident before " << peak_resident_bytes());
    const Runtime runtime({.memory = kBudget, .threads = threads});
    std::vector<Array> sums;
    for (std::int64_t i = 0; i < kCount; ++i) sums.push_back(sum(arange(100 + i) * (i + 1)));
    const std::vector<Array> found = compute(sums);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < kCount; ++i) {
      const std::int64_t n = 100 + i;
      wrong += item<std::int64_t>(found[static_cast<std::size_t>(i)]) == (i + 1) * (n * (n - 1) / 2) ? 0 : 1;
    }
    CHECK(wrong == 0);
    INFO("resident " << peak_resident_bytes());
    if (!kSanitized) CHECK(peak_resident_bytes() <= kBudget + kOverhead);
  }
}

}  // namespace varve::test
