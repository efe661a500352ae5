#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "exec/merge_tree.hpp"

using namespace varve;

namespace {

// Merges one-element sums of values that do not add up alike in every order, in a given order of arrival.
double merged(const std::vector<double>& values, const std::vector<std::size_t>& order) {
  const kernels::ReduceKernel& kernel = *kernels::find_reduce(kernels::ReduceOp::sum, DType::float64);
  exec::Budget budget(1 << 20);
  exec::BufferPool pool(budget);
  double result = 0;
  int deliveries = 0;
  exec::MergeTree tree(kernel, static_cast<std::int64_t>(values.size()),
                       [&](std::int64_t, exec::State&& state) {
                         kernel.finish(state.planes(), &result, 1, state.count, 0);
                         ++deliveries;
                       });
  for (const std::size_t block : order) {
    exec::State state(kernel, 1, pool);
    kernel.accumulate_along(state.planes(), &values[block], 1, 0, 0);
    state.count = 1;
    tree.add(0, static_cast<std::int64_t>(block), std::move(state));
  }
  CHECK(deliveries == 1);
  return result;
}

// The pairwise tree over the block index, written as a recursion.
double pairwise(const std::vector<double>& values, std::size_t first, std::size_t size) {
  if (size == 1) return values[first];
  std::size_t half = 1;
  while (half * 2 < size) half *= 2;
  return pairwise(values, first, half) + pairwise(values, first + half, size - half);
}

}  // namespace

TEST_CASE("merge tree: the same bits for any order of arrival", "[exec]") {
  std::mt19937 random(11);
  for (const std::size_t blocks : {1U, 2U, 3U, 5U, 8U, 13U, 64U, 100U}) {
    std::vector<double> values(blocks);
    for (double& value : values)
      value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 60));
    std::vector<std::size_t> order(blocks);
    std::iota(order.begin(), order.end(), 0);
    const double expected = pairwise(values, 0, blocks);
    for (int attempt = 0; attempt < 20; ++attempt) {
      CHECK(merged(values, order) == expected);
      std::shuffle(order.begin(), order.end(), random);
    }
  }
}
