#include <catch2/catch.hpp>
#include <cstdint>
#include <numeric>
#include <vector>

#include "varve/core/walks.hpp"

using namespace varve;

namespace {

// The numbers 0, 1 ... in C order, seen through a view with other strides: axes in reverse order in memory.
struct Numbers {
  explicit Numbers(const Shape& shape) : values(static_cast<std::size_t>(element_count(shape))) {
    std::int64_t stride = sizeof(std::int64_t);
    ByteStrides strides(shape.size(), 0);
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    view = StridedView(reinterpret_cast<std::byte*>(values.data()), DType::int64, shape, strides);
    std::int64_t number = 0;
    for_each_element([&](std::byte* at) { *reinterpret_cast<std::int64_t*>(at) = number++; }, view);
  }

  std::vector<std::int64_t> values;
  StridedView view;
};

std::vector<std::int64_t> elements(const StridedView& view) {
  std::vector<std::int64_t> list;
  for_each_element([&](const std::byte* at) { list.push_back(*reinterpret_cast<const std::int64_t*>(at)); },
                   view);
  return list;
}

}  // namespace

TEST_CASE("rows: numbered in C order of the other axes, each is that of a view and that of a box", "[core]") {
  const Shape shape{3, 4, 5};
  const Numbers numbers(shape);
  const std::int64_t strides[] = {20, 5, 1};
  const Box box(Index{10, 20, 30}, Index{13, 24, 35});
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    std::int64_t row = 0;
    Index at(3, 0);
    do {
      const std::int64_t first = at[0] * strides[0] + at[1] * strides[1] + at[2];
      std::vector<std::int64_t> expected;
      for (std::int64_t i = 0; i < shape[axis]; ++i) expected.push_back(first + i * strides[axis]);
      CHECK(elements(row_of(numbers.view, axis, row)) == expected);
      CHECK(elements(numbers.view.sub(relative_to(row_of(box, axis, row), box.lo))) == expected);
      ++row;
    } while (next_index(at, one_row(shape, axis)));
    CHECK(row == element_count(one_row(shape, axis)));
  }
}

TEST_CASE("stretches: end at multiples of their length and cover a box once, in order", "[core]") {
  for (const std::int64_t length : {1, 3, 7, 100}) {
    for (std::int64_t lo = 0; lo < 9; ++lo) {
      for (std::int64_t hi = lo; hi < 16; ++hi) {
        std::int64_t covered = lo;
        for_each_stretch(Box(Index{2, lo}, Index{5, hi}), 1, length, [&](const Box& part) {
          CHECK(part.lo == Index{2, covered});
          CHECK(part.hi[0] == 5);
          for (std::int64_t i = part.lo[1] + 1; i < part.hi[1]; ++i) CHECK(i % length != 0);
          covered = part.hi[1];
          CHECK((covered == hi || covered % length == 0));
        });
        CHECK(covered == hi);
      }
    }
  }
}

TEST_CASE("boxes: axes and bounds are put in and taken out, and places undone", "[core]") {
  const Box box(Index{1, 2, 3}, Index{4, 6, 8});
  CHECK(without_axis(box, 1) == Box(Index{1, 3}, Index{4, 8}));
  CHECK(with_axis(without_axis(box, 1), 1, 2, 6) == box);
  CHECK(between(box, 2, 0, 9) == Box(Index{1, 2, 0}, Index{4, 6, 9}));
  CHECK(relative_to(placed_at(box, Index{5, -2, 7}), Index{5, -2, 7}) == box);
  const Box other(Index{0, 5, 3}, Index{2, 7, 4});
  CHECK(enclosing(box, other) == Box(Index{0, 2, 3}, Index{4, 7, 8}));
  CHECK(without_axis(Shape{7, 8, 9}, 0) == Shape{8, 9});
}

TEST_CASE("counts: parts are as many as hold all, elements along axes multiply or are too many", "[core]") {
  for (std::int64_t count = 0; count < 30; ++count) {
    for (std::int64_t part = 1; part < 12; ++part) {
      const std::int64_t parts = divide_up(count, part);
      CHECK((parts * part >= count && (parts - 1) * part < count));
    }
  }
  CHECK(count_along({2, 3, 5, 7}, 1, 3) == 15);
  CHECK(count_along({2, 3}, 1, 1) == 1);
  CHECK(count_along({INT64_MAX, 3}, 0, 2) == INT64_MAX);
}
