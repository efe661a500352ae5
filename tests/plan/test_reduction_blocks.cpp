#include <catch2/catch.hpp>

#include "plan/reduction_blocks.hpp"

using varve::ChunkGrid;
using varve::Shape;
using varve::plan::reduction_blocks;

TEST_CASE("reduction blocks: useful chunks stay as they are", "[plan]") {
  const ChunkGrid natural({1000, 361, 720}, {40, 361, 720});
  const ChunkGrid blocks = reduction_blocks(natural, {0}, 4);
  CHECK(blocks.chunks() == Shape{40, 361, 720});
}

TEST_CASE("reduction blocks: leading axes get at least 32 rows", "[plan]") {
  const ChunkGrid natural({1000, 361, 720}, {1, 361, 720});
  CHECK(reduction_blocks(natural, {0}, 4).chunks()[0] == 32);
}

TEST_CASE("reduction blocks: tiny chunks grow, huge ones are cut to a divisor", "[plan]") {
  const ChunkGrid tiny({10'000'000}, {100});
  const std::int64_t grown = reduction_blocks(tiny, {0}, 4).chunks()[0];
  CHECK(grown % 100 == 0);
  CHECK(grown * 4 >= 256 << 10);
  const ChunkGrid large({480, 361, 720}, {24, 361, 720});
  const Shape cut = reduction_blocks(large, {0, 1, 2}, 4).chunks();
  CHECK(24 % cut[0] == 0);
  CHECK(cut[0] * cut[1] * cut[2] * 4 <= 4 << 20);
}

TEST_CASE("reduction blocks: chunks beyond any memory are cut too", "[plan]") {
  constexpr std::int64_t kPrime = (std::int64_t{1} << 61) - 1;
  const Shape prime = reduction_blocks(ChunkGrid({kPrime}, {kPrime}), {0}, 1).chunks();
  CHECK(prime[0] <= 4 << 20);
  const Shape wide =
      reduction_blocks(ChunkGrid({1LL << 31, 1LL << 31}, {1LL << 31, 1LL << 31}), {0, 1}, 8).chunks();
  CHECK(wide[0] * wide[1] * 8 <= 4 << 20);
}

TEST_CASE("reduction blocks: kept axes do not matter", "[plan]") {
  const ChunkGrid strips({1000, 64, 64}, {50, 64, 64});
  const ChunkGrid squares({1000, 64, 64}, {50, 32, 64});
  CHECK(reduction_blocks(strips, {0}, 8).chunks() == reduction_blocks(squares, {0}, 8).chunks());
}
