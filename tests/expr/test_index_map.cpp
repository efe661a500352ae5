#include <catch2/catch.hpp>

#include "index_maps.hpp"

namespace varve::test {
namespace {

using expr::AxisMap;
using expr::IndexMap;

constexpr int kCases = 300;

Shape random_shape(std::mt19937_64& random) {
  Shape shape(std::uniform_int_distribution<std::int64_t>(0, 3)(random), 1);
  for (std::int64_t& extent : shape) extent = std::uniform_int_distribution<std::int64_t>(1, 7)(random);
  return shape;
}

Box random_box(const Shape& shape, std::mt19937_64& random) {
  Box box(shape);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    box.lo[axis] = std::uniform_int_distribution<std::int64_t>(0, shape[axis] - 1)(random);
    box.hi[axis] = std::uniform_int_distribution<std::int64_t>(box.lo[axis] + 1, shape[axis])(random);
  }
  return box;
}

TEST_CASE("index maps: a composition finds the elements that both maps find one after the other", "[expr]") {
  std::mt19937_64 random(41);
  for (int i = 0; i < kCases; ++i) {
    const MapCase inner = random_map(random_shape(random), true, random);
    const MapCase outer = random_map(inner.map.output_shape(), true, random);
    const IndexMap both = inner.map.after(outer.map);
    INFO("case " << i << ": inner " << text_of(inner.map) << ", outer " << text_of(outer.map) << ", composed "
                 << text_of(both));
    REQUIRE(both.output_shape() == outer.map.output_shape());
    for_each_in(Box(both.output_shape()), [&](const Index& output) {
      INFO("at " << to_string(output));
      REQUIRE(at(both, output) == at(inner.map, at(outer.map, output)));
    });
  }
}

TEST_CASE("index maps: composition is associative", "[expr]") {
  std::mt19937_64 random(42);
  for (int i = 0; i < kCases; ++i) {
    const MapCase a = random_map(random_shape(random), true, random);
    const MapCase b = random_map(a.map.output_shape(), true, random);
    const MapCase c = random_map(b.map.output_shape(), true, random);
    const IndexMap left = a.map.after(b.map).after(c.map), right = a.map.after(b.map.after(c.map));
    INFO("case " << i << ": " << text_of(a.map) << " after " << text_of(b.map) << " after " << text_of(c.map)
                 << " gives " << text_of(left) << " or " << text_of(right));
    for_each_in(Box(left.output_shape()),
                [&](const Index& output) { REQUIRE(at(left, output) == at(right, output)); });
  }
}

TEST_CASE("index maps: demand is the smallest box that holds what a box needs", "[expr]") {
  std::mt19937_64 random(43);
  for (int i = 0; i < kCases; ++i) {
    const MapCase item = random_map(random_shape(random), true, random);
    const Box box = random_box(item.map.output_shape(), random);
    Box needed;
    for_each_in(box, [&](const Index& output) {
      const Index input = at(item.map, output);
      if (needed.ndim() != input.size()) needed = Box(input, input);
      for (std::int64_t axis = 0; axis < input.size(); ++axis) {
        needed.lo[axis] = std::min(needed.lo[axis], input[axis]);
        needed.hi[axis] = std::max(needed.hi[axis], input[axis] + 1);
      }
    });
    INFO("case " << i << ": " << text_of(item.map) << ", box " << to_string(box));
    CHECK(to_string(item.map.demand(box)) == to_string(needed));
    CHECK(Box(item.input).contains(item.map.demand(box)));
  }
}

TEST_CASE("index maps: the identity changes nothing, before or after any map", "[expr]") {
  std::mt19937_64 random(44);
  for (int i = 0; i < kCases; ++i) {
    const MapCase item = random_map(random_shape(random), true, random);
    INFO("case " << i << ": " << text_of(item.map));
    CHECK(item.map.after(IndexMap::identity(item.map.output_shape())) == item.map);
    CHECK(IndexMap::identity(item.input).after(item.map) == item.map);
    CHECK(IndexMap::identity(item.input).is_identity(item.input));
  }
}

TEST_CASE("index maps: a map counts as the identity only if every element stays where it is", "[expr]") {
  std::mt19937_64 random(45);
  for (int i = 0; i < kCases; ++i) {
    const MapCase item = random_map(random_shape(random), true, random);
    bool stays = item.map.output_shape() == item.input;
    if (stays) {
      for_each_in(Box(item.input), [&](const Index& at_) { stays = stays && at(item.map, at_) == at_; });
    }
    INFO("case " << i << ": " << text_of(item.map) << " of " << to_string(item.input));
    // A list that happens to count upwards may go unrecognised; nothing else may be taken for the identity.
    if (item.map.is_identity(item.input)) CHECK(stays);
    if (stays && !item.map.has_lists()) CHECK(item.map.is_identity(item.input));
  }
}

TEST_CASE("index maps: an input depends on the axes whose change moves it", "[expr]") {
  std::mt19937_64 random(46);
  for (int i = 0; i < kCases; ++i) {
    const MapCase item = random_map(random_shape(random), true, random);
    const std::vector<bool> used = item.map.used_axes();
    INFO("case " << i << ": " << text_of(item.map));
    for_each_in(Box(item.map.output_shape()), [&](const Index& output) {
      for (std::int64_t axis = 0; axis < output.size(); ++axis) {
        if (used[static_cast<std::size_t>(axis)]) continue;
        Index first = output;
        first[axis] = 0;
        REQUIRE(at(item.map, output) == at(item.map, first));
      }
    });
  }
}

TEST_CASE("index maps: broadcasting repeats axes of 1 and adds leading ones", "[expr]") {
  const IndexMap map = IndexMap::broadcast({3, 1}, {2, 3, 4});
  for_each_in(Box(Shape{2, 3, 4}), [&](const Index& output) {
    REQUIRE(at(map, output) == Index{output[1], 0});
  });
  CHECK(IndexMap::broadcast({1}, {0}).output_shape() == Shape{0});
  CHECK(IndexMap::broadcast({}, {2}).input_ndim() == 0);
}

TEST_CASE("index maps: equal maps have equal hashes, others differ in them", "[expr]") {
  const auto list = [](std::vector<std::int64_t> values) {
    return std::make_shared<const std::vector<std::int64_t>>(std::move(values));
  };
  const IndexMap maps[] = {
      {{4}, {AxisMap{0, 0, 1, nullptr}}},
      {{4}, {AxisMap{0, 1, 1, nullptr}}},
      {{4}, {AxisMap{0, 0, 2, nullptr}}},
      {{4}, {AxisMap{-1, 0, 0, nullptr}}},
      {{4}, {AxisMap{0, 0, 0, list({0, 1, 2, 3})}}},
      {{4}, {AxisMap{0, 0, 0, list({0, 1, 3, 2})}}},
      {{5}, {AxisMap{0, 0, 1, nullptr}}},
      {{4}, {}},
  };
  for (const IndexMap& left : maps) {
    for (const IndexMap& right : maps) {
      INFO(text_of(left) << " and " << text_of(right));
      CHECK((left == right) == (&left == &right));
      CHECK((left.hash() == right.hash()) == (&left == &right));
    }
  }
  CHECK(IndexMap({2}, {AxisMap{0, 0, 0, list({1, 0})}}) == IndexMap({2}, {AxisMap{0, 0, 0, list({1, 0})}}));
}

}  // namespace
}  // namespace varve::test
