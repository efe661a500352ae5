#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "varve/core/byte_size.hpp"
#include "varve/core/chunk_grid.hpp"
#include "varve/core/strided_view.hpp"

using namespace varve;

namespace {

std::vector<std::vector<std::int64_t>> visited(const ChunkGrid& grid, const Box& box) {
  std::vector<std::vector<std::int64_t>> chunks;
  for_each_chunk(grid, box,
                 [&](const ChunkIndex& chunk) { chunks.emplace_back(chunk.begin(), chunk.end()); });
  return chunks;
}

}  // namespace

TEST_CASE("for_each_chunk: visits the chunks that touch the box, once each, in C order", "[core]") {
  const ChunkGrid grid({10, 7, 5}, {4, 7, 2}, {3, 0, 1});
  for (std::int64_t lo = 0; lo < 10; ++lo) {
    for (std::int64_t hi = lo + 1; hi <= 10; ++hi) {
      const Box box({lo, 2, 1}, {hi, 3, 4});
      std::vector<std::vector<std::int64_t>> expected;
      for (std::int64_t i = 0; i < grid.count(0); ++i) {
        for (std::int64_t k = 0; k < grid.count(2); ++k) {
          if (!intersect(grid.box_of({i, 0, k}), box).empty()) expected.push_back({i, 0, k});
        }
      }
      CHECK(visited(grid, box) == expected);
    }
  }
}

TEST_CASE("for_each_chunk: an empty box has no chunks, an array without axes has one", "[core]") {
  CHECK(visited(ChunkGrid({10, 5}, {4, 2}), Box({3, 2}, {3, 4})).empty());
  CHECK(visited(ChunkGrid(Shape{}, Shape{}), Box(Shape{})).size() == 1);
}

TEST_CASE("for_each_element: walks views of any strides together, in C order", "[core]") {
  std::vector<std::int32_t> numbers(12);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto* first = reinterpret_cast<const std::byte*>(numbers.data());
  const ConstStridedView transposed(first, DType::int32, {4, 3}, {4, 16});
  std::vector<std::int32_t> copy(12);
  const StridedView target(reinterpret_cast<std::byte*>(copy.data()), DType::int32, {4, 3});
  const auto put = [](const std::byte* from, std::byte* to) { std::memcpy(to, from, 4); };
  for_each_element(put, transposed, target);
  CHECK(copy == std::vector<std::int32_t>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
  std::int64_t visits = 0;
  for_each_element([&](const std::byte*) { ++visits; }, ConstStridedView(nullptr, DType::int32, {3, 0}));
  CHECK(visits == 0);
}

TEST_CASE("saturating products: exact where they fit, the most that fits where not", "[core]") {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  CHECK(saturating_multiply(1LL << 31, 1LL << 31) == 1LL << 62);
  CHECK(saturating_multiply(1LL << 32, 1LL << 31) == kMax);
  CHECK(saturating_multiply(kMax, 0) == 0);
  CHECK(saturating_count({1LL << 40, 1LL << 40}) == kMax);
  CHECK(saturating_count({1LL << 40, 1LL << 40, 0}) == 0);
  CHECK(saturating_count({}) == 1);
}

TEST_CASE("bytes: are written in the unit in which they are at least one", "[core]") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(512LL << 20) == "512.0 MiB");
  CHECK(format_bytes(std::numeric_limits<std::int64_t>::max()) == "8.0 EiB");
}
