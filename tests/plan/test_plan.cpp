#include <malloc.h>

#include <catch2/catch.hpp>

#include "plan/plan.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// An array of float32 that exists nowhere, cut into chunks of that shape.
Array huge(const Shape& shape, const Shape& chunks) {
  const auto fill = [](const Box&, const StridedView&) {};
  return from_function(shape, DType::float32, fill, {.chunks = chunks});
}

plan::Plan plan_of(const std::vector<Array>& arrays, std::int64_t memory_bytes, int threads = 2) {
  std::vector<plan::Request> requests;
  for (const Array& array : arrays) requests.push_back({array.node()});
  return plan::make_plan(requests, {memory_bytes, threads});
}

std::size_t allocated_bytes() { return mallinfo2().uordblks; }

}  // namespace

TEST_CASE("plan: 10^8 chunks take no more memory than 10^2", "[plan]") {
  const Shape chunks = {16, 16, 16};
  const Array few = huge({80, 80, 64}, chunks);
  const Array many = huge({16000, 8000, 3200}, chunks);
  REQUIRE(few.chunks().chunk_count() == 100);
  REQUIRE(many.chunks().chunk_count() == 100'000'000);
  const std::size_t before = allocated_bytes();
  const plan::Plan small = plan_of({mean(few), max(few, {.axis = 0})}, 256_MiB);
  const plan::Plan large = plan_of({mean(many), max(many, {.axis = 0})}, 256_MiB);
  CHECK(allocated_bytes() - before < 10U << 20);
  CHECK(large.stages.size() == small.stages.size());
  CHECK(large.peak_bytes <= 256_MiB);
}

TEST_CASE("plan: x - mean(x) is two passes and never holds the array", "[plan]") {
  const Array x = huge({4096, 512, 512}, {16, 512, 512});
  const Array anomaly = x - mean(x, {.axis = 0, .keepdims = true});
  std::vector<plan::Request> requests = {{anomaly.node(), x.chunks(), 40_MiB}};
  const plan::Plan plan = plan::make_plan(requests, {512_MiB, 2});
  REQUIRE(plan.stages.size() == 2);
  CHECK(plan.stages[0].estimate.is_pass);
  CHECK(plan.stages[1].estimate.is_pass);
  CHECK(plan.peak_bytes <= 512_MiB);
  CHECK(plan.scratch_bytes == 0);
}

TEST_CASE("plan: reductions of one array share one scan", "[plan]") {
  const Array x = huge({4096, 256, 256}, {16, 256, 256});
  const plan::Plan plan = plan_of({mean(x), stddev(x), min(x), max(x)}, 256_MiB);
  REQUIRE(plan.stages.size() == 1);
  CHECK(plan.stages[0].reduces.size() == 4);
  CHECK(plan.stages[0].program.leaves.size() == 1);
}

TEST_CASE("plan: a slice of ten operations streams only the slice", "[plan]") {
  Array x = huge({1'000'000, 1000}, {1000, 1000});
  for (int i = 0; i < 10; ++i) x = x * 2.0F + 1.0F;
  const plan::Plan plan = plan_of({sum(x(Slice{0, 10}, ellipsis))}, 64_MiB);
  REQUIRE(plan.stages.size() == 1);
  CHECK(plan.stages[0].domain == Shape{10, 1000});
}

TEST_CASE("plan: an expression that uses each step twice takes no longer than its steps", "[plan]") {
  const Array x = huge({4096, 512}, {16, 512});
  Array y = x;
  for (int i = 0; i < 60; ++i) y = y * (2.0F - x * y);
  const std::vector<plan::Request> requests = {{y.node(), x.chunks(), 1_MiB}};
  CHECK(plan::make_plan(requests, {256_MiB, 2}).stages.size() == 1);
  CHECK(plan_of({matmul(y, matrix_transpose(y))}, 2048_MiB).stages.size() >= 1);
}

TEST_CASE("plan: what is small and read again and again is kept in memory as it is, not stretched",
          "[plan]") {
  const test::TemporaryDirectory directory;
  save(ones({20000}, {.dtype = DType::float32}), directory / "m.zarr", {.chunks = Shape{1000}});
  save(ones({20000}, {.dtype = DType::float32}), directory / "m.npy");
  const Array x = huge({20000, 20000}, {500, 20000});
  for (const char* name : {"m.zarr", "m.npy"}) {
    const Array m = open(directory / name);
    const plan::Plan plan = plan_of({max(sort(x + expand_dims(m, 0), {.axis = 0}))}, 96_MiB);
    for (const plan::Value& value : plan.values) {
      if (value.placement == plan::Placement::scratch) CHECK(value.bytes() == x.size_bytes());
    }
    CHECK(plan.min_bytes_read <= 20000 * 4);
  }
}

TEST_CASE("plan: room in scratch is asked for what lies there at one time", "[plan]") {
  const Array x = huge({4096, 512, 64}, {16, 512, 64});
  Array y = x;
  for (int i = 0; i < 4; ++i) y = cumulative_sum(y, {.axis = 0});
  const plan::Plan plan = plan_of({max(y)}, 128_MiB);
  CHECK(plan.scratch_bytes <= 3 * x.size_bytes());
}

TEST_CASE("plan: a refused budget names the least one, to the byte", "[plan]") {
  const Array x = huge({4096, 512, 512}, {16, 512, 512});
  const std::vector<Array> arrays = {mean(x, {.axis = 0}), x(0)};
  std::int64_t least = 0;
  try {
    plan_of(arrays, 1_MiB);
  } catch (const BudgetError& error) {
    least = error.required_bytes();
  }
  REQUIRE(least > 1_MiB);
  CHECK_NOTHROW(plan_of(arrays, least));
  CHECK_THROWS_AS(plan_of(arrays, least - 1), BudgetError);
}

TEST_CASE("plan: tiles hold whole reduction blocks and whole output chunks", "[plan]") {
  const Array x = huge({1000, 300, 500}, {24, 300, 500});
  const ChunkGrid output({1000, 300, 500}, {10, 300, 500});
  const std::vector<plan::Request> requests = {{(x + 1).node(), output, 16_MiB},
                                               {mean(x, {.axis = 0}).node()}};
  for (const std::int64_t memory : {256_MiB, 1024_MiB}) {
    const plan::Plan plan = plan::make_plan(requests, {memory, 2});
    for (const plan::Stage& stage : plan.stages) {
      const std::int64_t tile = stage.tiling.tiles.chunks()[0];
      const bool whole = tile == stage.domain[0];
      if (!stage.writes.empty()) CHECK((whole || tile % 10 == 0));
      for (const plan::ReduceSink& sink : stage.reduces)
        CHECK((whole || tile % sink.blocks.chunks()[0] == 0));
    }
  }
}

TEST_CASE("plan: the same expression gives the same plan every time", "[plan]") {
  const auto text = [] {
    const Array x = linspace(0, 1, 1'000'000);
    return plan::explain_text(plan_of({mean(x * x), max(x)}, 64_MiB));
  };
  CHECK(text() == text());
}
