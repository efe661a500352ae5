#include <catch2/catch.hpp>
#include <limits>
#include <type_traits>

#include "api/index_oracle.hpp"
#include "api/positions.hpp"

using namespace varve;
using varve::test::opaque;
using varve::test::positions_in;

namespace {

// In NumPy a truth value is a mask, not a position.
static_assert(!std::is_constructible_v<IndexItem, bool>);
static_assert(!std::is_convertible_v<bool, IndexItem>);
static_assert(std::is_convertible_v<int, IndexItem>);

using List = std::vector<std::int64_t>;

Shape shape_of(const Shape& shape, const std::vector<IndexItem>& items) {
  return opaque(shape)(items).shape();
}

std::string index_error(const Shape& shape, const std::vector<IndexItem>& items) {
  try {
    static_cast<void>(opaque(shape)(items));
  } catch (const IndexError& error) {
    return error.what();
  }
  return "no IndexError";
}

}  // namespace

TEST_CASE("indexing: any valid index selects what plain loops select", "[api][property]") {
  std::mt19937_64 random(20240601);
  const std::vector<Shape> shapes = {{},        {7},       {1},       {0},          {3, 5},
                                     {4, 1, 3}, {2, 3, 4}, {2, 0, 3}, {2, 3, 1, 4}, {3, 2, 2, 2, 3}};
  for (int round = 0; round < 3000; ++round) {
    const Shape& shape = shapes[random() % shapes.size()];
    const std::vector<IndexItem> items = test::random_index(random, shape);
    INFO("shape " << to_string(shape) << " index " << test::to_python(items));
    const test::Selected expected = test::select(shape, items);
    const Array source = opaque(shape);
    const Array selected = source(items);
    REQUIRE(selected.shape() == expected.shape);
    REQUIRE(positions_in(source, selected) == expected.values);
  }
}

TEST_CASE("indexing: an index of an index selects what the two together select", "[api][property]") {
  std::mt19937_64 random(7);
  const Shape shape{3, 4, 5};
  for (int round = 0; round < 1000; ++round) {
    const std::vector<IndexItem> first = test::random_index(random, shape);
    const test::Selected once = test::select(shape, first);
    const std::vector<IndexItem> second = test::random_index(random, once.shape);
    INFO("index " << test::to_python(first) << " then " << test::to_python(second));
    const test::Selected twice = test::select(once.shape, second);
    std::vector<std::int64_t> expected;
    for (const std::int64_t position : twice.values)
      expected.push_back(once.values[static_cast<std::size_t>(position)]);
    const Array source = opaque(shape);
    const Array selected = source(first)(second);
    REQUIRE(selected.shape() == twice.shape);
    REQUIRE(positions_in(source, selected) == expected);
  }
}

TEST_CASE("indexing: the axis of lists lies where NumPy puts it", "[api]") {
  // Shapes printed by NumPy 1.24.
  const Shape shape{5, 2, 3};
  CHECK(shape_of(shape, {Slice{}, List{0, 1}, List{1, 1}}) == Shape{5, 2});
  CHECK(shape_of(shape, {List{0, 1}, Slice{}, List{1, 1}}) == Shape{2, 2});
  CHECK(shape_of(shape, {Slice{}, List{0, 1}, ellipsis, List{1, 1}}) == Shape{2, 5});
  CHECK(shape_of(shape, {Slice{}, 0, List{1, 2, 0}}) == Shape{5, 3});
  CHECK(shape_of(shape, {0, newaxis, List{1, 0, 1}}) == Shape{3, 1, 3});
  CHECK(shape_of(shape, {newaxis, 0, Slice{}, List{1, 2, 0}}) == Shape{3, 1, 2});
  CHECK(shape_of(shape, {List{4}, List{0, 1, 0}}) == Shape{3, 3});
  CHECK(shape_of(shape, {List{}}) == Shape{0, 2, 3});
}

TEST_CASE("indexing: extreme slice bounds and steps do not overflow", "[api]") {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const Array x = opaque({10});
  CHECK(positions_in(x, x(Slice{kMin, kMax, kMax})) == List{0});
  CHECK(positions_in(x, x(Slice{kMax, kMin, kMin})) == List{9});
  CHECK(positions_in(x, x(Slice{{}, {}, kMin})) == List{9});
  CHECK(positions_in(x, x(Slice{-1, kMin, -4})) == List{9, 5, 1});
}

TEST_CASE("indexing: evenly spaced lists become strides", "[api]") {
  const Array x = opaque({10, 4});
  CHECK(x(List{2, 4, 6}).node()->hash != x.node()->hash);
  CHECK_FALSE(x(List{2, 4, 6}).node()->as<expr::View>()->map.has_lists());
  CHECK(x(List{2, 4, 7}).node()->as<expr::View>()->map.has_lists());
}

TEST_CASE("indexing: the axes of positions lie where NumPy puts them", "[api]") {
  // Shapes printed by NumPy 1.24.
  const Shape shape{5, 2, 3};
  const Positions square({0, 1, 1, 0}, {2, 2});
  const Positions column({0, 1, 0}, {3, 1});
  CHECK(shape_of(shape, {square}) == Shape{2, 2, 2, 3});
  CHECK(shape_of(shape, {Slice{}, square}) == Shape{5, 2, 2, 3});
  CHECK(shape_of(shape, {square, Slice{}, Positions({0, 1}, {2, 1})}) == Shape{2, 2, 2});
  CHECK(shape_of(shape, {column, List{0, 1}}) == Shape{3, 2, 3});
  CHECK(shape_of(shape, {column, Slice{}, List{0, 1}}) == Shape{3, 2, 2});
  CHECK(shape_of(shape, {Slice{}, 0, column}) == Shape{5, 3, 1});
  CHECK(shape_of(shape, {0, Slice{}, column}) == Shape{3, 1, 2});
  CHECK(shape_of(shape, {newaxis, Positions({1}, {}), square}) == Shape{1, 2, 2, 3});
}

TEST_CASE("indexing: positions that each vary along one axis stay a view", "[api]") {
  const Array x = opaque({5, 2, 3});
  CHECK(x(Positions({4, 0}, {2, 1}), List{1, 0, 0}).node()->as<expr::View>() != nullptr);
  CHECK(x(Positions({4, 0, 1}, {1, 3, 1})).node()->as<expr::View>() != nullptr);
  CHECK(x(Positions({4, 0, 1, 1}, {2, 2})).node()->as<expr::View>() == nullptr);
}

TEST_CASE("indexing: errors name the index, the axis and the shape", "[api]") {
  CHECK(index_error({3, 5}, {0, 7}) ==
        "index 7 is out of bounds for axis 1 with extent 5; the array has shape (3, 5)");
  CHECK(index_error({3, 5}, {-4}) ==
        "index -4 is out of bounds for axis 0 with extent 3; the array has shape (3, 5)");
  CHECK(index_error({3, 5}, {Slice{}, List{0, 5}}) ==
        "index 5 is out of bounds for axis 1 with extent 5; the array has shape (3, 5)");
  CHECK(index_error({3, 5}, {0, 0, 0}) == "too many indices: 3 for an array of shape (3, 5)");
  CHECK(index_error({}, {0}) == "too many indices: 1 for an array of shape ()");
  CHECK(index_error({3, 5}, {ellipsis, ellipsis}) == "an index can have only one ellipsis");
  CHECK(index_error({3}, {Slice{0, 3, 0}}) == "the step of a slice must not be zero");
  CHECK_THAT(index_error({3, 5}, {List{0, 1}, List{0, 1, 2}}),
             Catch::Contains("positions of shapes (2,) and (3,) in one index"));
  CHECK_THAT(index_error({0}, {0}), Catch::Contains("index 0 is out of bounds for axis 0 with extent 0"));
}
