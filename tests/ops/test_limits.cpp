#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "varve/core/error.hpp"
#include "varve/varve.hpp"

namespace varve {
namespace {

constexpr std::int64_t power_of_two(int exponent) { return std::int64_t{1} << exponent; }

// rows x columns of int64, neither of which exists.
Array outer_sum(std::int64_t rows, std::int64_t columns) {
  return arange(rows)(Slice{}, newaxis) + arange(columns)(newaxis, Slice{});
}

TEST_CASE("limits: an array whose bytes 63 bits cannot count is refused where it is made", "[ops]") {
  CHECK_THROWS_AS(broadcast_to(full({}, 1.0), {power_of_two(61)}), ShapeError);
  CHECK_THROWS_AS(broadcast_to(arange(10)(0), {power_of_two(60)}), ShapeError);
  CHECK_THROWS_AS(outer_sum(power_of_two(31), power_of_two(30)), ShapeError);
  CHECK_THROWS_AS(outer_sum(power_of_two(40), power_of_two(40)), ShapeError);
  CHECK_THROWS_AS(astype(zeros({power_of_two(60)}, {.dtype = DType::int8}), DType::float64), ShapeError);
  CHECK_THROWS_WITH(astype(zeros({power_of_two(62)}, {.dtype = DType::int8}), DType::int16),
                    Catch::Contains("int16") && Catch::Contains("4611686018427387904"));
}

TEST_CASE("limits: the largest arrays can be described, cut and counted", "[ops]") {
  const Array x = outer_sum(power_of_two(30), power_of_two(29));
  CHECK(x.size_bytes() == power_of_two(62));
  CHECK(item<std::int64_t>(x(-1, -1)) == power_of_two(30) + power_of_two(29) - 2);
  CHECK(item<std::int64_t>(nancount(x)) == power_of_two(59));
  const Array bytes = zeros({std::numeric_limits<std::int64_t>::max() - 1}, {.dtype = DType::uint8});
  CHECK(bytes.chunks().count(0) > 0);
  CHECK(to_vector<std::uint8_t>(bytes(Slice{-2})) == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("limits: an extent of zero makes any other harmless", "[ops]") {
  const Array x = zeros({power_of_two(40), 0, power_of_two(40)});
  CHECK(x.size_bytes() == 0);
  CHECK(to_vector<double>(sum(x)) == std::vector<double>{0});
  CHECK_THROWS_AS(sum(x, {.axis = 1}), ShapeError);
}

TEST_CASE("limits: chains of elementwise work are as long as one likes", "[ops]") {
  constexpr int kTerms = 30'000;
  const Array x = arange(3);
  Array chain = x;
  for (int i = 0; i < kTerms; ++i) chain = i % 3 == 0 ? -chain : i % 3 == 1 ? flip(chain, {0}) : chain + x;
  std::vector<std::int64_t> expected = {0, 1, 2};
  for (int i = 0; i < kTerms; ++i) {
    if (i % 3 == 1) std::reverse(expected.begin(), expected.end());
    for (std::int64_t j = 0; j < 3; ++j) {
      std::int64_t& value = expected[static_cast<std::size_t>(j)];
      value = i % 3 == 0 ? -value : i % 3 == 1 ? value : value + j;
    }
  }
  CHECK(to_vector<std::int64_t>(chain) == expected);
  CHECK(item<std::int64_t>(sum(chain)) == std::accumulate(expected.begin(), expected.end(), std::int64_t{0}));
  CHECK(explain(chain).text.size() > 0);
}

TEST_CASE("limits: a sum of thousands of different arrays is one pass", "[ops]") {
  const Runtime runtime({.memory = 256_MiB, .threads = 2});
  Array total = arange(5) * 0;
  for (std::int64_t i = 0; i < 5'000; ++i) total = total + arange(5) * i;
  const std::int64_t factor = 5'000 * 4'999 / 2;
  CHECK(to_vector<std::int64_t>(total) ==
        std::vector<std::int64_t>{0, factor, 2 * factor, 3 * factor, 4 * factor});
}

TEST_CASE("limits: a chain of operations that no stack would hold is refused where it is made", "[ops]") {
  Array x = arange(3);
  std::int64_t rolled = 0;
  const auto roll_on = [&] {
    for (;; ++rolled) x = roll(x, {1}, 0);
  };
  CHECK_THROWS_WITH(roll_on(), Catch::Contains("too deep: each of more than 625") &&
                                   Catch::Contains("compute a part of it first"));
  CHECK(rolled > 500);
  const auto first = (3 - rolled % 3) % 3;
  CHECK(to_vector<std::int64_t>(x + 1) ==
        std::vector<std::int64_t>{first + 1, (first + 1) % 3 + 1, (first + 2) % 3 + 1});
  x = compute(x);
  x = roll(x, {1}, 0);
  CHECK(to_vector<std::int64_t>(x)[1] == first);
}

TEST_CASE("limits: thousands of results of one run share scans and take little memory", "[ops]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  const Array x = arange(1'000, {.chunks = Shape{100}});
  std::vector<Array> sums;
  for (std::int64_t i = 0; i < 3'000; ++i) sums.push_back(sum(x * i));
  for (std::int64_t i = 0; i < 3'000; ++i) sums.push_back(x(i % 1'000) + full({}, i));
  const std::vector<Array> results = compute(sums);
  for (std::int64_t i = 0; i < 3'000; ++i) {
    REQUIRE(item<std::int64_t>(results[static_cast<std::size_t>(i)]) == 499'500 * i);
    REQUIRE(item<std::int64_t>(results[static_cast<std::size_t>(i + 3'000)]) == i % 1'000 + i);
  }
}

TEST_CASE("limits: operations nest deeper than one thread's stack would hold them", "[ops]") {
  const Runtime runtime({.memory = 128_MiB, .threads = 2});
  Array x = arange(7);
  for (int i = 0; i < 500; ++i) x = roll(x, {1}, 0);
  CHECK(to_vector<std::int64_t>(x) == std::vector<std::int64_t>{4, 5, 6, 0, 1, 2, 3});
  CHECK_THROWS_AS(
      [&] {
        for (int i = 0; i < 1'000; ++i) x = sort(x);
      }(),
      ArgumentError);
  Array y = arange(6);
  for (int i = 0; i < 301; ++i) y = reshape(y + 1, i % 2 == 0 ? Shape{2, 3} : Shape{6});
  CHECK(to_vector<std::int64_t>(y) == std::vector<std::int64_t>{301, 302, 303, 304, 305, 306});
}

TEST_CASE("sum: chunks are part of its identity, because the order of additions follows from them", "[ops]") {
  const auto total = [](std::int64_t chunk) {
    return sum(sin(linspace(0, 1e6, 1'000'003, true, {.chunks = Shape{chunk}})));
  };
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  const double of_small = item<double>(total(33'000));
  const double of_large = item<double>(total(1'000'003));
  const auto [small, large] = compute(total(33'000), total(1'000'003));
  CHECK(item<double>(small) == of_small);
  CHECK(item<double>(large) == of_large);
  const auto [large_first, small_second] = compute(total(1'000'003), total(33'000));
  CHECK(item<double>(large_first) == of_large);
  CHECK(item<double>(small_second) == of_small);
}

}  // namespace
}  // namespace varve
