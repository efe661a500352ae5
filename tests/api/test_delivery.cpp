#include <catch2/catch.hpp>
#include <set>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

namespace varve::test {
namespace {

using dense::Dense;

Dense numbers(const Shape& shape) {
  std::mt19937_64 random(5);
  return random_values(DType::float64, shape, {.quarters = true}, random);
}

TEST_CASE("for_each_block: every element comes once, in blocks of the extents asked for", "[api]") {
  const Dense x = numbers({13, 9});
  const Array lazy = chunked(x, {4, 3}) * 2.0;
  Dense seen(DType::float64, {13, 9});
  std::vector<int> times(13 * 9, 0);
  std::vector<std::pair<Shape, Box>> blocks;  // visits come from worker threads, where nothing can be checked
  for_each_block(lazy,
                 [&](const ConstStridedView& values, const Box& place) {
                   blocks.emplace_back(values.shape, place);
                   const Dense block = dense::from_view(values);
                   dense::for_each_index(block.shape, [&](Index index) {
                     const dense::Number value = block.at(index);
                     for (std::int64_t axis = 0; axis < 2; ++axis) index[axis] += place.lo[axis];
                     seen.at(index) = value;
                     ++times[seen.flat(index)];
                   });
                 },
                 {.chunks = {5, 4}});
  CHECK(blocks.size() == 3 * 3);
  for (const auto& [extents, place] : blocks) {
    CHECK(extents == place.shape());
    CHECK(place.extent(0) <= 5);
    CHECK(place.extent(1) <= 4);
  }
  CHECK(std::set<int>(times.begin(), times.end()) == std::set<int>{1});
  const Dense expected = dense::elementwise("multiply", {x, dense::scalar(DType::float64, 2)});
  CHECK(difference(seen, expected).value_or("") == "");
}

TEST_CASE("for_each_block: a block is visited at a time, and what a visit throws ends the run", "[api]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 4});
  const Array x = arange(100000, {.dtype = DType::int64});
  std::atomic<int> inside = 0;
  int most = 0;
  for_each_block(x, [&](const ConstStridedView&, const Box&) { most = std::max(most, ++inside), --inside; },
                 {.chunks = {1000}});
  CHECK(most == 1);
  int visits = 0;
  const auto stop = [&](const ConstStridedView&, const Box&) {
    if (++visits == 3) throw std::runtime_error("enough");
  };
  CHECK_THROWS_WITH(for_each_block(x, stop, {.chunks = {1000}}), "enough");
  CHECK(visits == 3);
}

TEST_CASE("for_each_block: an array without elements has no block, one without axes has one", "[api]") {
  int visits = 0;
  const auto count = [&](const ConstStridedView&, const Box&) { ++visits; };
  for_each_block(zeros({0, 3}), count);
  CHECK(visits == 0);
  for_each_block(sum(ones({4})), count);
  CHECK(visits == 1);
}

TEST_CASE("sinks: run with files and results in memory in one scan", "[api]") {
  const Dense x = numbers({40, 6});
  const Array lazy = chunked(x, {8, 6});
  std::mutex mutex;
  std::int64_t elements = 0;
  Output sink{lazy - mean(lazy, 0)};
  sink.sink = [&](const ConstStridedView& values, const Box&) {
    const std::lock_guard lock(mutex);
    elements += element_count(values.shape);
  };
  const RunResult result = run({sink, {mean(lazy, 0)}});
  CHECK(elements == 40 * 6);
  const Dense expected = dense::reduce("mean", x, {.axes = {{0}}});
  CHECK(difference(dense::from_view(result.arrays[1].view()), expected, {.ulps = 1}).value_or("") == "");
}

TEST_CASE("compute_into: fills memory of any strides, and nothing beside it", "[api]") {
  const Dense x = numbers({7, 5});
  std::vector<double> memory(2 * 5 * 8, -99);
  // Transposed, every other element, and a column that is nobody's.
  StridedView target(reinterpret_cast<std::byte*>(memory.data()), DType::float64, {7, 5}, {16, 8 * 16});
  compute_into(chunked(x, {3, 2}) + 1.0, target);
  const Dense expected = dense::elementwise("add", {x, dense::scalar(DType::float64, 1)});
  CHECK(difference(dense::from_view(varve::as_const(target)), expected).value_or("") == "");
  for (std::size_t i = 1; i < memory.size(); i += 2) CHECK(memory[i] == -99);
}

TEST_CASE("compute_into: memory that does not fit is refused before anything runs", "[api]") {
  std::vector<float> memory(12, 5);
  auto* bytes = reinterpret_cast<std::byte*>(memory.data());
  CHECK_THROWS_AS(compute_into(ones({3, 4}), {bytes, DType::float64, {4, 3}}), ShapeError);
  CHECK_THROWS_AS(compute_into(ones({3, 4}), {bytes, DType::float32, {3, 4}}), DTypeError);
  CHECK(memory == std::vector<float>(12, 5));
}

TEST_CASE("compute_into: memory that the array reads is refused as its target", "[api]") {
  std::vector<double> memory = {0, 1, 2, 3, 4, 5, 6, 7};
  auto* bytes = reinterpret_cast<std::byte*>(memory.data());
  const auto part = [bytes](std::int64_t from, std::int64_t step) {
    return StridedView(bytes + from * 8, DType::float64, {4}, {step * 8});
  };
  const Array low = from_memory(varve::as_const(part(0, 1)));
  CHECK_THROWS_AS(compute_into(flip(low), part(0, 1)), ArgumentError);
  CHECK_THROWS_AS(compute_into(low + 1.0, part(6, -1)), ArgumentError);
  CHECK(memory == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7});
  compute_into(flip(low), part(7, -1));
  CHECK(memory == std::vector<double>{0, 1, 2, 3, 0, 1, 2, 3});
}

TEST_CASE("reductions: axes alone stand for the options", "[api]") {
  const Dense x = numbers({4, 3, 5});
  const Array lazy = chunked(x, {2, 2, 2});
  const auto mean_over = [&](std::vector<std::int64_t> axes) {
    return dense::reduce("mean", x, {.axes = std::move(axes)});
  };
  require_matches(mean(lazy, 0), mean_over({0}), {.ulps = 2});
  require_matches(mean(lazy, -1), mean_over({2}), {.ulps = 2});
  require_matches(mean(lazy, {0, 1}), mean_over({0, 1}), {.ulps = 2});
  require_matches(mean(lazy, {1}), mean_over({1}), {.ulps = 2});
  require_matches(sum(lazy, {0, 2}), dense::reduce("sum", x, {.axes = {{0, 2}}}));
  require_matches(argmax(lazy, 1), dense::reduce("argmax", x, {.axes = {{1}}}));
  CHECK(mean(lazy, {}).ndim() == 0);
}

}  // namespace
}  // namespace varve::test
