#include <catch2/catch.hpp>

#include "varve/core/box.hpp"
#include "varve/core/counting.hpp"

namespace varve::test {
namespace {

TEST_CASE("boxes: empty where any axis is, and then without elements", "[core]") {
  CHECK_FALSE(Box(Index{}, Index{}).empty());
  CHECK(Box({0, 2}, {3, 2}).empty());
  CHECK(Box({0, 4}, {3, 2}).empty());
  CHECK(Box({0, 4}, {3, 2}).shape() == Shape{3, 0});
}

TEST_CASE("boxes: numbers count elements as next_index walks over them", "[core]") {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 1, 4}}) {
    const Index corner(shape.size(), 5);
    Box box(shape);
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      box.lo[axis] += 5;
      box.hi[axis] += 5;
    }
    Index index(shape.size(), 0);
    for (std::int64_t number = 0; number < element_count(shape); ++number) {
      CHECK(index_at<Index>(number, shape) == index);
      CHECK(ChunkIndex(relative_to(Box(index_at<Index>(number, box), box.hi), corner).lo) ==
            index_at<ChunkIndex>(number, shape));
      next_index(index, shape);
    }
  }
}

TEST_CASE("boxes: the common part holds just the elements of both", "[core]") {
  for (std::int64_t a = 0; a < 4; ++a) {
    for (std::int64_t b = a; b < 5; ++b) {
      for (std::int64_t c = 0; c < 4; ++c) {
        for (std::int64_t d = c; d < 5; ++d) {
          const Box common = intersect(Box({a}, {b}), Box({c}, {d}));
          for (std::int64_t i = 0; i < 5; ++i) {
            INFO("[" << a << ", " << b << ") and [" << c << ", " << d << ") at " << i);
            const bool in_both = i >= a && i < b && i >= c && i < d;
            CHECK((i >= common.lo[0] && i < common.hi[0]) == in_both);
          }
        }
      }
    }
  }
}

TEST_CASE("boxes: one contains another if no corner lies outside", "[core]") {
  const Box outer({1, 1}, {4, 5});
  CHECK(outer.contains(outer));
  CHECK(outer.contains(Box({2, 1}, {3, 5})));
  CHECK_FALSE(outer.contains(Box({0, 1}, {3, 5})));
  CHECK_FALSE(outer.contains(Box({1, 1}, {4, 6})));
}

TEST_CASE("boxes: relative to an origin they keep their shape", "[core]") {
  const Box moved = relative_to(Box({3, 7}, {5, 9}), {3, 5});
  CHECK(moved == Box({0, 2}, {2, 4}));
  CHECK(to_string(moved) == "[0:2, 2:4]");
}

}  // namespace
}  // namespace varve::test
