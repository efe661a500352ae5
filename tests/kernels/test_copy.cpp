#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/copy.hpp"

namespace {

using varve::ByteStrides;
using varve::DType;
using varve::Shape;

const std::vector<DType> kOneDTypePerSize = {DType::int8, DType::int16, DType::float32, DType::float64,
                                             DType::complex128};

/// Memory with room on both sides of its middle, so that strides of either sign stay inside.
struct Arena {
  explicit Arena(std::int64_t bytes, std::uint64_t seed) : memory(static_cast<std::size_t>(bytes)) {
    for (std::size_t i = 0; i < memory.size(); i += sizeof seed) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      const std::uint64_t mixed = seed ^ (seed >> 29);
      std::memcpy(&memory[i], &mixed, std::min(sizeof mixed, memory.size() - i));
    }
  }
  std::byte* middle() { return memory.data() + memory.size() / 2; }
  std::vector<std::byte> memory;
};

/// Copies by walking all coordinates.
void copy_plainly(const std::byte* source, const ByteStrides& source_strides, std::byte* target,
                  const ByteStrides& target_strides, const Shape& shape, std::int64_t element_bytes) {
  if (element_count(shape) == 0) return;
  varve::Index index(shape.size(), 0);
  do {
    std::int64_t from = 0;
    std::int64_t to = 0;
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      from += index[axis] * source_strides[axis];
      to += index[axis] * target_strides[axis];
    }
    std::memcpy(target + to, source + from, static_cast<std::size_t>(element_bytes));
  } while (next_index(index, shape));
}

/// Returns dense strides for the axes in random order, some reversed, with random gaps; `gaps` false: no
/// gaps.
ByteStrides random_strides(const Shape& shape, std::int64_t element_bytes, bool gaps, std::mt19937& random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  std::shuffle(order.begin(), order.end(), random);
  ByteStrides strides(shape.size(), 0);
  std::int64_t step = element_bytes;
  for (const std::int64_t axis : order) {
    if (gaps && random() % 3 == 0) step += element_bytes * static_cast<std::int64_t>(random() % 3);
    strides[axis] = random() % 4 == 0 ? -step : step;
    step *= std::max<std::int64_t>(shape[axis], 1);
  }
  return strides;
}

/// Returns how large an arena must be for a view that starts in its middle.
std::int64_t arena_bytes(const Shape& shape, const ByteStrides& strides) {
  std::int64_t reach = 64;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) reach += shape[axis] * std::abs(strides[axis]);
  return 2 * reach;
}

void check_copy(const Shape& shape, const ByteStrides& source_strides, const ByteStrides& target_strides,
                DType dtype) {
  Arena source(arena_bytes(shape, source_strides), 1);
  Arena target(arena_bytes(shape, target_strides), 2);
  Arena expected = target;
  copy_plainly(source.middle(), source_strides, expected.middle(), target_strides, shape, size_bytes(dtype));
  varve::kernels::copy({source.middle(), dtype, shape, source_strides},
                       {target.middle(), dtype, shape, target_strides});
  INFO("shape " << to_string(shape) << " source " << to_string(source_strides) << " target "
                << to_string(target_strides));
  REQUIRE(target.memory == expected.memory);
}

}  // namespace

TEST_CASE("copy: random shapes and strides agree with a plain walk", "[kernels][copy][property]") {
  std::mt19937 random(7);
  for (const DType dtype : kOneDTypePerSize) {
    DYNAMIC_SECTION(name_of(dtype)) {
      for (int round = 0; round < 60; ++round) {
        Shape shape(static_cast<std::int64_t>(random() % 6), 0);
        for (auto& extent : shape)
          extent = 1 + static_cast<std::int64_t>(random() % (shape.size() > 3 ? 5 : 17));
        if (round % 20 == 19 && !shape.empty()) shape[0] = 0;
        ByteStrides from = random_strides(shape, size_bytes(dtype), round % 2 == 0, random);
        if (round % 5 == 4 && !shape.empty()) from[0] = 0;
        check_copy(shape, from, random_strides(shape, size_bytes(dtype), round % 4 < 2, random), dtype);
      }
    }
  }
}

TEST_CASE("copy: transposes of every edge length around the tile", "[kernels][copy]") {
  for (const DType dtype : kOneDTypePerSize) {
    DYNAMIC_SECTION(name_of(dtype)) {
      const std::int64_t bytes = size_bytes(dtype);
      for (const std::int64_t rows : {1, 2, 3, 7, 16, 33, 64, 65, 130}) {
        for (const std::int64_t columns : {1, 2, 5, 8, 15, 32, 64, 67, 129}) {
          check_copy({rows, columns}, {bytes, rows * bytes}, {columns * bytes, bytes}, dtype);
          check_copy({rows, columns}, {bytes, -rows * bytes}, {columns * bytes, bytes}, dtype);
        }
      }
    }
  }
}

TEST_CASE("copy: blocks beyond one panel are transposed whole", "[kernels][copy]") {
  check_copy({300, 270}, {1, 300}, {270, 1}, DType::int8);
  check_copy({300, 270}, {4, 1200}, {1080, 4}, DType::float32);
  check_copy({3, 20000}, {4, 12}, {80000, 4}, DType::float32);
  check_copy({20000, 3}, {4, 80000}, {12, 4}, DType::float32);
}

TEST_CASE("copy: swapping outer axes keeps short dense runs together", "[kernels][copy]") {
  for (std::int64_t run = 1; run <= 40; ++run) {
    check_copy({11, 13, run}, {run, 11 * run, 1}, {13 * run, run, 1}, DType::int8);
    check_copy({11, 13, run}, {run * 4, 11 * run * 4, 4}, {13 * run * 4, run * 4, 4}, DType::float32);
  }
}

TEST_CASE("gather and scatter of 2-D blocks are inverse to each other", "[kernels][copy]") {
  for (const DType dtype : kOneDTypePerSize) {
    DYNAMIC_SECTION(name_of(dtype)) {
      const std::int64_t bytes = size_bytes(dtype);
      const Shape shape{37, 53};
      for (const ByteStrides& strides :
           {ByteStrides{60 * bytes, bytes}, ByteStrides{bytes, 40 * bytes},
            ByteStrides{-120 * bytes, 2 * bytes}, ByteStrides{bytes, -37 * bytes}}) {
        Arena source(arena_bytes(shape, strides), 3);
        std::vector<std::byte> dense(static_cast<std::size_t>(37 * 53 * bytes));
        std::vector<std::byte> expected(dense.size());
        copy_plainly(source.middle(), strides, expected.data(), c_order_strides(shape, bytes), shape, bytes);
        varve::kernels::gather_block(source.middle(), strides[0], strides[1], 37, 53, bytes, dense.data());
        REQUIRE(dense == expected);
        Arena target(arena_bytes(shape, strides), 4);
        Arena wanted = target;
        copy_plainly(dense.data(), c_order_strides(shape, bytes), wanted.middle(), strides, shape, bytes);
        varve::kernels::scatter_block(dense.data(), 37, 53, bytes, target.middle(), strides[0], strides[1]);
        REQUIRE(target.memory == wanted.memory);
      }
    }
  }
}

TEST_CASE("fill: writes every position of the view and nothing else", "[kernels][copy]") {
  std::mt19937 random(11);
  for (const DType dtype : kOneDTypePerSize) {
    DYNAMIC_SECTION(name_of(dtype)) {
      const std::int64_t bytes = size_bytes(dtype);
      for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{70}, Shape{5, 6, 7}, Shape{3, 0, 2}}) {
        const ByteStrides strides = random_strides(shape, bytes, true, random);
        Arena target(arena_bytes(shape, strides), 6);
        Arena expected = target;
        const Arena element(16, 8);
        copy_plainly(element.memory.data(), ByteStrides(shape.size(), 0), expected.middle(), strides, shape,
                     bytes);
        varve::kernels::fill(element.memory.data(), {target.middle(), dtype, shape, strides});
        REQUIRE(target.memory == expected.memory);
      }
    }
  }
}
