#include <catch2/catch.hpp>
#include <set>

#include "varve/core/chunk_grid.hpp"

namespace varve::test {
namespace {

std::string text_of(const ChunkGrid& grid) {
  return "shape " + to_string(grid.shape()) + ", chunks " + to_string(grid.chunks()) + ", offset " +
         to_string(grid.offset());
}

// The chunk of an element, by the definition alone: boundaries lie at multiples of the size, less the offset.
std::int64_t chunk_by_counting(std::int64_t element, std::int64_t size, std::int64_t offset) {
  std::int64_t chunk = 0;
  for (std::int64_t i = 1; i <= element; ++i) chunk += (i + offset) % size == 0 ? 1 : 0;
  return chunk;
}

TEST_CASE("chunk grids: every element lies in one chunk, at any size, extent and offset", "[core]") {
  for (std::int64_t extent = 0; extent <= 9; ++extent) {
    for (std::int64_t size = 1; size <= 11; ++size) {
      for (std::int64_t offset = 0; offset < size; ++offset) {
        const ChunkGrid grid({extent}, {size}, {offset});
        INFO(text_of(grid) << ", asked for size " << size << " and offset " << offset);
        std::int64_t covered = 0;
        for (std::int64_t chunk = 0; chunk < grid.count(0); ++chunk) {
          const Box box = grid.box_of({chunk});
          REQUIRE(box.lo[0] == covered);
          REQUIRE(box.hi[0] > box.lo[0]);
          covered = box.hi[0];
        }
        CHECK(covered == extent);
        for (std::int64_t i = 0; i < extent; ++i) {
          INFO("element " << i);
          CHECK(grid.chunk_of(0, i) == chunk_by_counting(i, size, offset));
        }
      }
    }
  }
}

TEST_CASE("chunk grids: the chunks that touch a box are those of its elements", "[core]") {
  const ChunkGrid grid({13, 7}, {5, 3}, {2, 1});
  for (std::int64_t lo = 0; lo < 13; ++lo) {
    for (std::int64_t hi = lo + 1; hi <= 13; ++hi) {
      const Box box({lo, 2}, {hi, 6});
      std::set<std::pair<std::int64_t, std::int64_t>> expected, visited;
      for (std::int64_t i = lo; i < hi; ++i) {
        for (std::int64_t j = 2; j < 6; ++j) expected.emplace(grid.chunk_of(0, i), grid.chunk_of(1, j));
      }
      for_each_chunk(grid, box, [&](const ChunkIndex& chunk) { visited.emplace(chunk[0], chunk[1]); });
      INFO(text_of(grid) << ", box " << to_string(box));
      CHECK(visited == expected);
      CHECK(element_count(grid.chunks_touching(box).shape()) == static_cast<std::int64_t>(expected.size()));
    }
  }
}

TEST_CASE("chunk grids: an empty box touches no chunk, an array of no axes has one", "[core]") {
  std::int64_t visits = 0;
  const auto count = [&](const ChunkIndex&) { ++visits; };
  for_each_chunk(ChunkGrid({4, 0}, {2, 2}), Box(Shape{4, 0}), count);
  for_each_chunk(ChunkGrid({4}, {2}), Box({3}, {3}), count);
  CHECK(visits == 0);
  for_each_chunk(ChunkGrid(Shape{}, Shape{}), Box(Shape{}), count);
  CHECK(visits == 1);
}

TEST_CASE("chunk grids: sizes are clipped to the extents, and equal cuts compare equal", "[core]") {
  CHECK(ChunkGrid({5, 3}, {100, 0}).chunks() == Shape{5, 1});
  CHECK(ChunkGrid({5}, {9}, {2}) == ChunkGrid({5}, {5}));
  CHECK(ChunkGrid({5}, {4}, {2}).chunk_count() == 2);
  CHECK_THROWS_AS(ChunkGrid({5, 3}, {5}), ShapeError);
}

TEST_CASE("chunk grids: hold for extents that no memory could", "[core]") {
  const std::int64_t most = std::int64_t{1} << 62;
  const ChunkGrid grid({most}, {7});
  CHECK(grid.count(0) == (most - 1) / 7 + 1);
  const Box last = grid.box_of({grid.count(0) - 1});
  CHECK(last.hi[0] == most);
  CHECK(last.extent(0) == most - (most - 1) / 7 * 7);
}

}  // namespace
}  // namespace varve::test
