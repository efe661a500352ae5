#include <catch2/catch.hpp>
#include <set>

#include "expr/natural_chunks.hpp"
#include "index_maps.hpp"

namespace varve::test {
namespace {

std::string text_of(const ChunkGrid& grid) {
  return "shape " + to_string(grid.shape()) + ", chunks " + to_string(grid.chunks()) + ", offset " +
         to_string(grid.offset());
}

TEST_CASE("natural chunks: a slice whose step divides the chunks keeps their boundaries", "[expr]") {
  for (const std::int64_t size : {4, 6}) {
    for (std::int64_t offset = 0; offset < size; ++offset) {
      const ChunkGrid input({23}, {size}, {offset});
      for (const std::int64_t step : {-2, -1, 1, 2}) {
        for (std::int64_t start = 0; start < 23; ++start) {
          const std::int64_t extent = (step > 0 ? 22 - start : start) / std::abs(step) + 1;
          const expr::IndexMap map({extent}, {{0, start, step, nullptr}});
          const ChunkGrid grid = expr::view_grid(input, map);
          INFO(text_of(input) << ", map " << test::text_of(map) << ", view " << text_of(grid));
          REQUIRE(grid.shape() == map.output_shape());
          for (std::int64_t i = 1; i < extent; ++i) {
            const bool cut_here = grid.chunk_of(0, i) != grid.chunk_of(0, i - 1);
            const bool cut_there =
                input.chunk_of(0, start + step * i) != input.chunk_of(0, start + step * (i - 1));
            INFO("between " << i - 1 << " and " << i);
            REQUIRE(cut_here == cut_there);
          }
        }
      }
    }
  }
}

TEST_CASE("natural chunks: any view has a regular grid of its own shape", "[expr]") {
  std::mt19937_64 random(51);
  for (int i = 0; i < 300; ++i) {
    const Shape shape{7, 5, 6};
    const MapCase item = random_map(shape, true, random);
    const ChunkGrid grid = expr::view_grid(ChunkGrid(shape, {3, 2, 4}, {1, 0, 2}), item.map);
    INFO("case " << i << ": " << test::text_of(item.map) << ", view " << text_of(grid));
    CHECK(grid.shape() == item.map.output_shape());
    for (std::int64_t axis = 0; axis < grid.ndim(); ++axis) CHECK(grid.chunks()[axis] >= 1);
  }
}

TEST_CASE("natural chunks: a transpose moves them with the axes, a stretched axis is one chunk", "[expr]") {
  const ChunkGrid input({8, 9}, {2, 3});
  CHECK(expr::view_grid(input, {{9, 8}, {{1, 0, 1, nullptr}, {0, 0, 1, nullptr}}}) ==
        ChunkGrid({9, 8}, {3, 2}));
  CHECK(expr::view_grid(input, {{8, 5, 9}, {{0, 0, 1, nullptr}, {2, 0, 1, nullptr}}}) ==
        ChunkGrid({8, 5, 9}, {2, 5, 3}));
}

TEST_CASE("natural chunks: views without elements have grids", "[expr]") {
  const ChunkGrid grid = expr::view_grid(ChunkGrid({8}, {3}), {{0}, {{0, 0, 1, nullptr}}});
  CHECK(grid.shape() == Shape{0});
  CHECK(grid.chunk_count() == 0);
}

TEST_CASE("natural chunks: reductions drop those of the folded axes", "[expr]") {
  const ChunkGrid input({8, 9, 10}, {2, 3, 4}, {1, 2, 3});
  CHECK(expr::reduce_grid(input, {1}) == ChunkGrid({8, 10}, {2, 4}, {1, 3}));
  CHECK(expr::reduce_grid(input, {0, 1, 2}).ndim() == 0);
}

TEST_CASE("natural chunks: elementwise results take those of the largest operand, the first among equals",
          "[expr]") {
  const ChunkGrid rows({6, 6}, {1, 6}), columns({6, 6}, {6, 1});
  CHECK(expr::elementwise_grid({rows, columns}, {6, 36}) == columns);
  CHECK(expr::elementwise_grid({rows, columns}, {36, 36}) == rows);
}

TEST_CASE("natural chunks: where nobody chose, trailing axes stay whole and chunks are about 4 MiB",
          "[expr]") {
  for (const auto& [shape, bytes] : {std::pair<Shape, std::int64_t>{{1000, 361, 720}, 4},
                                     {{5}, 8},
                                     {{1LL << 40}, 1},
                                     {{3, 0, 4}, 8},
                                     {{}, 16},
                                     {{100, 1LL << 30}, 8}}) {
    const ChunkGrid grid = expr::default_grid(shape, bytes);
    INFO(text_of(grid));
    CHECK(saturating_multiply(element_count(grid.chunks()), bytes) <= expr::kDefaultChunkBytes);
    bool cut = false;
    for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
      if (cut) CHECK(grid.chunks()[axis] == 1);
      cut = cut || grid.chunks()[axis] < shape[axis];
    }
  }
}

}  // namespace
}  // namespace varve::test
