#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "exec/merge_tree.hpp"

using namespace varve;

namespace {

const kernels::ReduceKernel& kernel() {
  return *kernels::find_reduce(kernels::ReduceOp::sum, DType::float64);
}

// 2^level blocks from number position x 2^level on, of a kept tile.
struct Delivery {
  std::int64_t kept_tile;
  std::int64_t level;
  std::int64_t position;
};

// The pairwise tree over the block index, written as a recursion.
double pairwise(const std::vector<double>& values, std::size_t first, std::size_t size) {
  if (size == 1) return values[first];
  std::size_t half = 1;
  while (half * 2 < size) half *= 2;
  return pairwise(values, first, half) + pairwise(values, first + half, size - half);
}

// Values that do not add up alike in every order.
std::vector<double> random_values(std::size_t count, std::mt19937& random) {
  std::vector<double> values(count);
  for (double& value : values)
    value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 60));
  return values;
}

// Merges one-element sums of values; every kept tile has the same.
class Sums {
 public:
  explicit Sums(const std::vector<double>& values)
      : values_(values),
        pool_(budget_),
        tree_(kernel(), static_cast<std::int64_t>(values.size()),
              [this](std::int64_t kept_tile, exec::State&& state) { take(kept_tile, state); }) {}

  void add(const Delivery& delivery) {
    const auto first = static_cast<std::size_t>(delivery.position) << delivery.level;
    const std::size_t size = std::min(std::size_t{1} << delivery.level, values_.size() - first);
    exec::State state(kernel(), 1, pool_);
    const double sum = pairwise(values_, first, size);
    kernel().accumulate_along(state.planes(), &sum, 1, 0, 0);
    state.count = static_cast<std::int64_t>(size);
    tree_.add(delivery.kept_tile, delivery.level, delivery.position, std::move(state));
  }

  [[nodiscard]] exec::MergeTree& tree() { return tree_; }
  // The sum of each kept tile that was delivered, in the order of their numbers; NaN where one came twice.
  [[nodiscard]] std::vector<double> results() {
    const std::lock_guard lock(mutex_);
    std::vector<double> sums;
    for (const auto& [kept_tile, sum] : results_) sums.push_back(sum);
    return sums;
  }

 private:
  void take(std::int64_t kept_tile, const exec::State& state) {
    double result = 0;
    kernel().finish(state.planes(), &result, 1, state.count, 0);
    if (state.count != static_cast<std::int64_t>(values_.size())) result = std::nan("");
    const std::lock_guard lock(mutex_);
    if (!results_.emplace(kept_tile, result).second) results_[kept_tile] = std::nan("");
  }

  const std::vector<double>& values_;
  exec::Budget budget_{1 << 20};
  exec::BufferPool pool_;
  std::mutex mutex_;
  std::map<std::int64_t, double> results_;
  exec::MergeTree tree_;
};

constexpr std::size_t kBlockCounts[] = {1, 2, 3, 5, 8, 13, 64, 100};

std::vector<Delivery> all_blocks(std::size_t blocks, std::int64_t kept_tiles) {
  std::vector<Delivery> deliveries;
  for (std::int64_t kept_tile = 0; kept_tile < kept_tiles; ++kept_tile) {
    for (std::size_t block = 0; block < blocks; ++block)
      deliveries.push_back({kept_tile, 0, static_cast<std::int64_t>(block)});
  }
  return deliveries;
}

Delivery random_subtree(std::size_t blocks, std::int64_t kept_tiles, std::mt19937& random) {
  const auto level = static_cast<std::int64_t>(random() % 8);
  const std::int64_t nodes = ((static_cast<std::int64_t>(blocks) - 1) >> level) + 1;
  return {static_cast<std::int64_t>(random()) % kept_tiles, level,
          static_cast<std::int64_t>(random()) % nodes};
}

std::vector<double> sums_of(const std::vector<double>& values, const std::vector<Delivery>& deliveries) {
  Sums sums(values);
  for (const Delivery& delivery : deliveries) sums.add(delivery);
  CHECK(sums.tree().waiting_count() == 0);
  CHECK(sums.tree().interval_count() == 1);
  return sums.results();
}

}  // namespace

TEST_CASE("merge tree: the same bits for any order of arrival", "[exec]") {
  std::mt19937 random(11);
  for (const std::size_t blocks : kBlockCounts) {
    const std::vector<double> values = random_values(blocks, random);
    std::vector<Delivery> deliveries = all_blocks(blocks, 1);
    const std::vector<double> expected = {pairwise(values, 0, blocks)};
    for (int attempt = 0; attempt < 20; ++attempt) {
      CHECK(sums_of(values, deliveries) == expected);
      std::shuffle(deliveries.begin(), deliveries.end(), random);
    }
  }
}

TEST_CASE("merge tree: blocks that come twice, in any order, count once", "[exec]") {
  std::mt19937 random(12);
  for (const std::size_t blocks : kBlockCounts) {
    const std::vector<double> values = random_values(blocks, random);
    std::vector<Delivery> deliveries = all_blocks(blocks, 3);
    const std::vector<Delivery> again = deliveries;
    deliveries.insert(deliveries.end(), again.begin(), again.end());
    const std::vector<double> expected(3, pairwise(values, 0, blocks));
    for (int attempt = 0; attempt < 20; ++attempt) {
      INFO(blocks << " blocks, attempt " << attempt);
      CHECK(sums_of(values, deliveries) == expected);
      std::shuffle(deliveries.begin(), deliveries.end(), random);
    }
  }
}

TEST_CASE("merge tree: subtrees that overlap what came, in any order, count once", "[exec]") {
  std::mt19937 random(13);
  for (const std::size_t blocks : kBlockCounts) {
    const std::vector<double> values = random_values(blocks, random);
    const std::vector<double> expected(3, pairwise(values, 0, blocks));
    for (int attempt = 0; attempt < 40; ++attempt) {
      INFO(blocks << " blocks, attempt " << attempt);
      std::vector<Delivery> deliveries = all_blocks(blocks, 3);
      for (std::size_t i = 0; i < blocks; ++i) deliveries.push_back(random_subtree(blocks, 3, random));
      std::shuffle(deliveries.begin(), deliveries.end(), random);
      CHECK(sums_of(values, deliveries) == expected);
    }
  }
}

TEST_CASE("merge tree: threads that deliver the same blocks and subtrees at one time count once", "[exec]") {
  std::mt19937 random(14);
  for (const std::size_t blocks : {5U, 64U, 100U}) {
    const std::vector<double> values = random_values(blocks, random);
    Sums sums(values);
    std::vector<std::vector<Delivery>> parts(4, all_blocks(blocks, 8));
    for (std::vector<Delivery>& part : parts) {
      for (std::size_t i = 0; i < blocks; ++i) part.push_back(random_subtree(blocks, 8, random));
      std::shuffle(part.begin(), part.end(), random);
    }
    std::vector<std::thread> threads;
    for (const std::vector<Delivery>& part : parts) {
      threads.emplace_back([&sums, &part] {
        for (const Delivery& delivery : part) sums.add(delivery);
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(sums.results() == std::vector<double>(8, pairwise(values, 0, blocks)));
    CHECK(sums.tree().waiting_count() == 0);
  }
}

TEST_CASE("merge tree: what came is remembered in a few intervals where blocks come nearly in order",
          "[exec]") {
  std::mt19937 random(15);
  const std::vector<double> values = random_values(1000, random);
  Sums sums(values);
  std::vector<Delivery> deliveries = all_blocks(values.size(), 20);
  // As of eight slots, one of which may be late.
  for (std::size_t i = 0; i + 8 <= deliveries.size(); i += 8)
    std::shuffle(deliveries.begin() + static_cast<std::ptrdiff_t>(i),
                 deliveries.begin() + static_cast<std::ptrdiff_t>(i + 8), random);
  std::size_t most = 0;
  for (const Delivery& delivery : deliveries) {
    sums.add(delivery);
    most = std::max(most, sums.tree().interval_count());
  }
  CHECK(most <= 5);
  CHECK(sums.tree().interval_count() == 1);
}

TEST_CASE("merge tree: a block that the reduction does not have is refused", "[exec]") {
  const std::vector<double> values(5, 1.0);
  Sums sums(values);
  exec::Budget budget(1 << 20);
  exec::BufferPool pool(budget);
  const auto add = [&](std::int64_t level, std::int64_t position) {
    sums.tree().add(0, level, position, exec::State(kernel(), 1, pool));
  };
  CHECK_THROWS_AS(add(0, 5), Error);
  CHECK_THROWS_AS(add(0, -1), Error);
  CHECK_THROWS_AS(add(2, 2), Error);
  CHECK_THROWS_AS(add(60, 1), Error);
}

TEST_CASE("interval set: holds what was added, as few intervals", "[exec]") {
  std::mt19937 random(16);
  for (int attempt = 0; attempt < 50; ++attempt) {
    exec::IntervalSet intervals;
    std::set<std::int64_t> numbers;
    for (int step = 0; step < 30; ++step) {
      const auto lo = static_cast<std::int64_t>(random() % 40);
      const std::int64_t hi = lo + 1 + static_cast<std::int64_t>(random() % 6);
      std::int64_t held = 0;
      for (std::int64_t i = lo; i < hi; ++i) held += static_cast<std::int64_t>(numbers.count(i));
      CHECK(intervals.covers(lo, hi) == (held == hi - lo));
      CHECK(intervals.touches(lo, hi) == (held > 0));
      if (random() % 3 != 0) continue;
      intervals.add(lo, hi);
      for (std::int64_t i = lo; i < hi; ++i) numbers.insert(i);
      std::size_t runs = 0;
      for (const std::int64_t i : numbers) runs += 1 - numbers.count(i - 1);
      CHECK(intervals.interval_count() == runs);
    }
  }
}
