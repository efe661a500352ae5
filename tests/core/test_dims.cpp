#include <catch2/catch.hpp>
#include <limits>

#include "varve/core/dims.hpp"

namespace varve::test {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST_CASE("shapes: elements are counted, and what does not fit in 63 bits is refused", "[core]") {
  CHECK(element_count({}) == 1);
  CHECK(element_count({3, 4, 5}) == 60);
  CHECK(element_count({kMax}) == kMax);
  CHECK_THROWS_AS(element_count({1LL << 32, 1LL << 31}), ShapeError);
  CHECK_THROWS_AS(element_count({3, -1}), ShapeError);
}

TEST_CASE("shapes: an extent of 0 makes any product 0, however large the others", "[core]") {
  CHECK(element_count({1LL << 62, 0, 1LL << 62}) == 0);
  CHECK(saturating_count({1LL << 62, 0, 1LL << 62}) == 0);
  CHECK(saturating_count({1LL << 62, 8}) == kMax);
}

struct Broadcast {
  Shape left, right, expected;
};

TEST_CASE("broadcasting: extents are equal or 1, and 1 meets 0 as 0", "[core]") {
  const Broadcast cases[] = {
      {{}, {}, {}},    {{3}, {}, {3}},           {{4, 1}, {3}, {4, 3}},    {{2, 1, 5}, {7, 1}, {2, 7, 5}},
      {{0}, {1}, {0}}, {{1, 3}, {0, 3}, {0, 3}}, {{0, 1}, {1, 0}, {0, 0}}, {{1}, {1}, {1}},
  };
  for (const Broadcast& item : cases) {
    INFO(to_string(item.left) << " with " << to_string(item.right));
    CHECK(broadcast_shapes(item.left, item.right, "add") == item.expected);
    CHECK(broadcast_shapes(item.right, item.left, "add") == item.expected);
  }
}

TEST_CASE("broadcasting: unequal extents are refused by axis, with both shapes", "[core]") {
  for (const auto& [left, right] :
       {std::pair<Shape, Shape>{{2, 3}, {2, 4}}, {{0, 3}, {2, 3}}, {{3, 1}, {2, 2}}}) {
    INFO(to_string(left) << " with " << to_string(right));
    CHECK_THROWS_AS(broadcast_shapes(left, right, "add"), ShapeError);
    CHECK_THROWS_WITH(broadcast_shapes(left, right, "add"),
                      Catch::Contains("add: shapes " + to_string(left) + " and " + to_string(right)));
  }
  CHECK_THROWS_WITH(broadcast_shapes({5, 2, 3}, {2, 4}, "add"), Catch::Contains("axis 2"));
}

TEST_CASE("axes: negative ones count from the end, others are refused", "[core]") {
  CHECK(normalize_axis(0, 3, "sum") == 0);
  CHECK(normalize_axis(-1, 3, "sum") == 2);
  CHECK(normalize_axis(-3, 3, "sum") == 0);
  for (const std::int64_t axis : {std::int64_t{3}, std::int64_t{-4}, kMax, -kMax}) {
    CHECK_THROWS_WITH(normalize_axis(axis, 3, "sum"), Catch::Contains("sum: axis " + std::to_string(axis)));
  }
  CHECK_THROWS_AS(normalize_axis(0, 0, "sum"), ShapeError);
}

TEST_CASE("walks: every index of a shape comes once, in C order", "[core]") {
  const Shape shape{2, 1, 3};
  Index index(3, 0);
  std::vector<std::vector<std::int64_t>> seen;
  do {
    seen.emplace_back(index.begin(), index.end());
  } while (next_index(index, shape));
  CHECK(seen == std::vector<std::vector<std::int64_t>>{
                    {0, 0, 0}, {0, 0, 1}, {0, 0, 2}, {1, 0, 0}, {1, 0, 1}, {1, 0, 2}});
  CHECK(index == Index{0, 0, 0});
}

TEST_CASE("walks: an array of no axes has one index", "[core]") {
  Index index;
  CHECK_FALSE(next_index(index, {}));
}

TEST_CASE("dims: more than 32 axes are refused wherever they come from", "[core]") {
  const std::vector<std::int64_t> many(33, 1);
  CHECK_THROWS_AS(Shape(many), ShapeError);
  CHECK_THROWS_AS(Shape(33, 1), ShapeError);
  Shape full(32, 1);
  CHECK_THROWS_AS(full.push_back(1), ShapeError);
  CHECK_THROWS_AS(full.insert(0, 1), ShapeError);
}

TEST_CASE("dims: copies and moves keep the values, however many axes come and go", "[core]") {
  for (const std::int64_t from : {0, 1, 5, 6, 32}) {
    for (const std::int64_t to : {0, 1, 5, 6, 32}) {
      INFO(from << " axes become " << to);
      const auto make = [](std::int64_t size) {
        Shape made;
        for (std::int64_t axis = 0; axis < size; ++axis) made.push_back(100 + axis);
        return made;
      };
      const auto holds = [](const Shape& shape, std::int64_t size) {
        bool right = shape.size() == size;
        for (std::int64_t axis = 0; axis < shape.size(); ++axis) right = right && shape[axis] == 100 + axis;
        return right;
      };
      Shape source = make(from);
      Shape copied = make(to);
      copied = source;
      CHECK(holds(copied, from));
      copied = *&copied;
      CHECK(holds(copied, from));
      Shape moved = make(to);
      moved = std::move(source);
      CHECK(holds(moved, from));
      source = make(to);  // what was moved from can be used again
      CHECK(holds(source, to));
      CHECK(holds(Shape(moved), from));
      CHECK(holds(Shape(std::move(moved)), from));
      CHECK(holds(source, to));
    }
  }
}

TEST_CASE("dims: axes are inserted and erased in place", "[core]") {
  Shape shape{2, 3, 4};
  shape.insert(1, 9);
  CHECK(shape == Shape{2, 9, 3, 4});
  shape.erase(0);
  CHECK(shape == Shape{9, 3, 4});
}

TEST_CASE("strides: C order, last axis fastest; empty axes count as one", "[core]") {
  CHECK(c_order_strides({2, 3, 4}, 8) == ByteStrides{96, 32, 8});
  CHECK(c_order_strides({2, 0, 4}, 2) == ByteStrides{8, 8, 2});
  CHECK(c_order_strides({}, 4).empty());
}

}  // namespace
}  // namespace varve::test
