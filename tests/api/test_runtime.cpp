#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

#include "api/cgroup.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("runtime: the current one is the newest that lives, in whatever order they end", "[api]") {
  auto first = std::make_unique<Runtime>(RuntimeOptions{.memory = 64_MiB, .threads = 1});
  auto second = std::make_unique<Runtime>(RuntimeOptions{.memory = 65_MiB, .threads = 1});
  auto third = std::make_unique<Runtime>(RuntimeOptions{.memory = 66_MiB, .threads = 1});
  CHECK(&Runtime::current() == third.get());
  second.reset();
  CHECK(&Runtime::current() == third.get());
  third.reset();
  CHECK(&Runtime::current() == first.get());
  CHECK(item<std::int64_t>(sum(arange(10))) == 45);
}

TEST_CASE("runtime: threads that compute first together share one default runtime", "[api]") {
  std::vector<Runtime*> seen(8, nullptr);
  std::vector<std::thread> threads;
  for (Runtime*& mine : seen) threads.emplace_back([&mine] { mine = &Runtime::current(); });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::set<Runtime*>(seen.begin(), seen.end()).size() == 1);
}

TEST_CASE("runtime: what is given one leases from its budget and uses its threads, not the newest's",
          "[api]") {
  Runtime mine({.memory = 96_MiB, .threads = 1});
  const Runtime newest({.memory = 97_MiB, .threads = 3});
  const auto [low, high] = compute(mine, arange(100'000) * 2.0, sqrt(ones({50'000})));
  CHECK(mine.leased_bytes() >= 150'000 * 8);
  CHECK(newest.leased_bytes() == 0);
  const Array held = compute(ones({10'000}) + 1.0);
  CHECK(newest.leased_bytes() >= 10'000 * 8);
  CHECK(item<double>(mine, sum(low) + sum(high)) == 99'999.0 * 100'000 + 50'000);

  const Array total = sum(random::uniform({2000, 2000}, 0, 1, {.seed = 3, .chunks = Shape{10, 2000}}));
  const RunReport by_mine = run(mine, {{total}}).report;
  const RunReport by_newest = run({{total}}).report;
  CHECK(by_mine.budget_bytes == 96_MiB);
  CHECK(by_mine.threads == 1);
  CHECK(by_newest.budget_bytes == 97_MiB);
  CHECK(to_vector<double>(mine, total) == to_vector<double>(total));
}

TEST_CASE("runtime: every function that runs takes one", "[api]") {
  const test::TemporaryDirectory directory;
  Runtime roomy({.memory = 64_MiB, .threads = 1});
  const Runtime tiny({.memory = 1000, .threads = 1});
  const Array x = arange(600) * 0.5;
  const std::string path = directory / "x.npy";
  std::vector<double> memory(600);
  const StridedView target(reinterpret_cast<std::byte*>(memory.data()), DType::float64, {600});
  double total = 0;
  const auto add = [&](const ConstStridedView& values, const Box&) {
    for_each_element([&](const std::byte* value) { total += *reinterpret_cast<const double*>(value); },
                     values);
  };

  CHECK_THROWS_AS(save(x, path), BudgetError);
  CHECK_THROWS_AS(compute_into(x, target), BudgetError);
  CHECK_THROWS_AS(for_each_block(x, add), BudgetError);
  CHECK_THROWS_AS(to_vector<double>(x), BudgetError);
  CHECK_THROWS_AS(item<double>(sum(x)), BudgetError);
  CHECK_THROWS_AS(compute(std::vector<Array>{x}), BudgetError);
  CHECK_THROWS_AS(explain(x), BudgetError);

  save(roomy, x, path);
  compute_into(roomy, x, target);
  for_each_block(roomy, x, add);
  std::vector<double> expected(600);
  for (std::size_t i = 0; i < 600; ++i) expected[i] = static_cast<double>(i) * 0.5;
  CHECK(to_vector<double>(roomy, open(path)) == expected);
  CHECK(memory == expected);
  CHECK(total == 599 * 300 * 0.5);
  CHECK(to_vector<double>(roomy, x) == expected);
  CHECK(item<double>(roomy, sum(x)) == total);
  CHECK(to_vector<double>(compute(roomy, std::vector<Array>{x}).front()) == expected);
  CHECK_FALSE(explain(roomy, x).text.empty());
  CHECK_FALSE(explain(roomy, {{x}, {sum(x)}}).text.empty());
}

TEST_CASE("cgroup: the limit is the least of the process's groups and those above, in both versions",
          "[api]") {
  const test::TemporaryDirectory directory;
  const std::filesystem::path mount = directory / "cgroup";
  const std::filesystem::path list = directory / "membership";
  write_text(list, "12:cpu,cpuacct:/elsewhere\n7:memory:/job/step\n0::/slice/unit/task\n");
  CHECK_FALSE(api::cgroup_memory_limit(list, mount));
  write_text(mount / "slice/unit/task/memory.max", "max\n");
  CHECK_FALSE(api::cgroup_memory_limit(list, mount));
  write_text(mount / "memory/memory.limit_in_bytes", "9223372036854771712\n");
  write_text(mount / "memory/job/step/memory.limit_in_bytes", "5000000\n");
  CHECK(api::cgroup_memory_limit(list, mount) == 5000000);
  write_text(mount / "slice/memory.max", "4000000\n");
  CHECK(api::cgroup_memory_limit(list, mount) == 4000000);
  write_text(mount / "memory/job/memory.limit_in_bytes", "3000000\n");
  CHECK(api::cgroup_memory_limit(list, mount) == 3000000);
  write_text(mount / "elsewhere/memory.max", "1\n");
  CHECK(api::cgroup_memory_limit(list, mount) == 3000000);
}

TEST_CASE("cgroup: a group outside of what a container sees is bound by the root alone", "[api]") {
  const test::TemporaryDirectory directory;
  const std::filesystem::path mount = directory / "cgroup";
  write_text(directory / "membership", "0::/../../other\n");
  write_text(directory / "memory.max", "1000\n");
  write_text(mount / "memory.max", "7000\n");
  CHECK(api::cgroup_memory_limit(directory / "membership", mount) == 7000);
  CHECK(api::cgroup_memory_limit(directory / "absent", mount) == 7000);
}

TEST_CASE("budget: the bytes that a refusal asks for are those of the whole budget", "[api]") {
  const auto sum_beside_a_held_result = [](std::int64_t memory) {
    const Runtime runtime({.memory = memory, .threads = 1});
    const Array held = compute(zeros({1'500'000}));
    return compute(arange(3'000'000) * 2.0).size();
  };
  std::int64_t required = 0;
  std::string message;
  try {
    (void)sum_beside_a_held_result(20_MiB);
  } catch (const BudgetError& error) {
    required = error.required_bytes();
    message = error.what();
  }
  REQUIRE(required > 36'000'000);
  CHECK_THAT(message, Catch::Contains("results in memory hold") && Catch::Contains(std::to_string(required)));
  CHECK_THROWS_AS(sum_beside_a_held_result(required - 1), BudgetError);
  CHECK(sum_beside_a_held_result(required) == 3'000'000);
}
