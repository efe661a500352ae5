#include <catch2/catch.hpp>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

namespace varve::test {
namespace {

using dense::Dense;
using Items = std::vector<IndexItem>;

IndexItem list(std::vector<std::int64_t> positions) { return IndexItem(std::move(positions)); }
IndexItem grid(std::vector<std::int64_t> positions, const Shape& shape) {
  return IndexItem(Positions(std::move(positions), shape));
}

Shape broadcast_part(const Shape& whole, std::mt19937_64& random) {
  Shape part;
  for (std::int64_t axis = pick(random, 0, whole.size()); axis < whole.size(); ++axis) {
    part.push_back(pick(random, 0, 2) == 0 ? 1 : whole[axis]);
  }
  return part;
}

Positions random_positions(const Shape& shape, std::int64_t extent, std::mt19937_64& random) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(element_count(shape)));
  for (std::int64_t& value : values) value = pick(random, -extent, extent - 1);
  return {std::move(values), shape};
}

// Positions whose shapes go together, slices, integers, new axes and an ellipsis for so many axes of 4 or
// more elements.
Items random_items(std::int64_t ndim, std::mt19937_64& random) {
  Shape common;
  for (std::int64_t axis = pick(random, 1, 3); axis > 0; --axis)
    common.push_back(pick(random, pick(random, 0, 9) > 0, 4));
  Items items;
  for (std::int64_t axis = 0; axis < ndim; ++axis) {
    if (pick(random, 0, 4) == 0) items.emplace_back(newaxis);
    const std::int64_t kind = pick(random, 0, 5);
    if (kind < 3) items.emplace_back(random_positions(broadcast_part(common, random), 4, random));
    if (kind == 3) items.emplace_back(pick(random, -4, 3));
    if (kind > 3) items.emplace_back(Slice{pick(random, 0, 2), {}, pick(random, 1, 2)});
  }
  if (pick(random, 0, 1) == 0) items.back() = ellipsis;
  return items;
}

std::string index_error(const Array& x, const Items& items) {
  try {
    static_cast<void>(x(items));
  } catch (const IndexError& error) {
    return error.what();
  }
  return "no IndexError";
}

TEST_CASE("indexing: basic selections and lists are NumPy's", "[ops]") {
  const std::vector<Items> selections = {
      {},
      {0},
      {-1, -1, -1},
      {ellipsis},
      {ellipsis, 2},
      {1, ellipsis, 0},
      {Slice{}, Slice{1, 3}, Slice{}},
      {Slice{{}, {}, 2}, Slice{{}, {}, 3}},
      {Slice{{}, {}, -1}},
      {Slice{-2, {}, -1}, ellipsis, Slice{4, 0, -2}},
      {Slice{5, 99}, Slice{-99, 2}},
      {Slice{3, 3}},
      {Slice{4, 1}, 0},
      {Slice{1, 2, 100}},
      {newaxis, 1, newaxis, ellipsis, newaxis},
      {Slice{}, newaxis, Slice{2, {}}, ellipsis},
      {list({4, 0, 4, -1})},
      {Slice{}, list({1, 1}), Slice{{}, {}, -1}},
      {Slice{}, list({})},
      {list({0, 2}), list({1, 3}), Slice{}},
      {list({0, 2}), Slice{1, {}}, list({1, 3})},
      {1, Slice{}, list({4, 0})},
      {list({3}), list({0, 1, 2})},
      {ellipsis, list({6, 5})},
      {newaxis, Slice{}, list({2, 0})},
      {grid({0, 4, 1, 1, -5, 2}, {2, 3})},
      {Slice{}, grid({0, 3, 1, 1}, {2, 2}), Slice{{}, {}, -1}},
      {grid({0, 4, 1, 1}, {2, 2}), grid({0, 1, 3, 2}, {2, 2})},
      {grid({0, 4, 1, 1}, {2, 2}), Slice{}, grid({6, 1, 3, 2}, {2, 2})},
      {grid({0, 4}, {2, 1}), list({1, 3, 0})},
      {grid({0, 4, 2}, {3, 1, 1}), grid({1, 3}, {2, 1}), list({6, 0, 5, 1})},
      {grid({4}, {1, 1}), list({1, 3, 0})},
      {Slice{}, grid({1, 3, 2, 0}, {2, 2}), list({5, 1})},
      {Slice{}, 1, grid({1, 3, 2, 0}, {2, 2})},
      {1, Slice{}, grid({1, 3, 2, 0}, {2, 2})},
      {grid({2}, {}), Slice{1, 3}},
      {grid({2}, {}), grid({1, 3}, {1, 2})},
      {grid({}, {2, 0})},
      {grid({}, {2, 0, 3}), list({1, 3, 0})},
      {ellipsis, newaxis, grid({6, 0, 6, 1}, {4, 1})},
      {grid({0, 1, 2, 3}, {2, 2})},
  };
  std::mt19937_64 random(51);
  const Dense x = random_values(DType::int16, {5, 4, 7}, {.low = -1000, .high = 1000}, random);
  for (std::size_t i = 0; i < selections.size(); ++i) {
    DYNAMIC_SECTION("selection " << i) {
      for (const Shape& chunks : {Shape{5, 4, 7}, Shape{2, 3, 4}, Shape{1, 1, 1}}) {
        INFO("chunks " << to_string(chunks));
        require_matches(chunked(x, chunks)(selections[i]), dense::index(x, selections[i]));
      }
    }
  }
}

TEST_CASE("indexing: random slices of slices", "[ops]") {
  std::mt19937_64 random(52);
  const Dense x = random_values(DType::float64, {13, 11}, {}, random);
  for (int round = 0; round < 60; ++round) {
    Array lazy = chunked(x, {pick(random, 1, 13), pick(random, 1, 11)});
    Dense expected = x;
    for (int depth = 0; depth < 3; ++depth) {
      Items items;
      for (std::int64_t axis = 0; axis < 2; ++axis) {
        const std::int64_t steps[] = {-3, -2, -1, 1, 2, 3};
        items.emplace_back(Slice{pick(random, -14, 14), pick(random, -14, 14), steps[pick(random, 0, 5)]});
        if (pick(random, 0, 1) == 0) items.back() = Slice{{}, {}, steps[pick(random, 0, 5)]};
      }
      lazy = lazy(items);
      expected = dense::index(expected, items);
    }
    INFO("round " << round);
    require_matches(lazy, expected);
  }
}

TEST_CASE("indexing: a 0-d array takes an empty selection, an ellipsis and new axes", "[ops]") {
  const Dense x = dense::scalar(DType::int32, 5);
  require_matches(in_memory(x)(Items{}), x);
  require_matches(in_memory(x)(ellipsis), x);
  require_matches(in_memory(x)(newaxis), dense::reshape(x, {1}));
}

TEST_CASE("indexing: positions that 63 bits cannot count are out of bounds, not negative", "[ops]") {
  const Array x = arange(5);
  CHECK_THROWS_AS(x(std::numeric_limits<std::uint64_t>::max()), IndexError);
  CHECK_THROWS_AS(x(std::uint64_t{1} << 63), IndexError);
  CHECK_THROWS_AS(x(std::uint64_t{5}), IndexError);
  CHECK(item<std::int64_t>(x(std::uint64_t{4})) == 4);
}

TEST_CASE("indexing: positions of any shape are broadcast and placed as NumPy's", "[ops][property]") {
  std::mt19937_64 random(53);
  const Dense x = random_values(DType::int32, {4, 6, 5, 7}, {.low = -1000, .high = 1000}, random);
  for (int round = 0; round < 300; ++round) {
    const Items items = random_items(4, random);
    INFO("round " << round);
    require_matches(
        chunked(x, {pick(random, 1, 4), pick(random, 1, 6), pick(random, 1, 5), pick(random, 1, 7)})(items),
        dense::index(x, items));
  }
}

TEST_CASE("indexing: positions that each vary along one axis need no list of all", "[ops]") {
  const std::int64_t n = 1 << 14;
  const Array x = arange(n)(Slice{}, newaxis) * n + arange(n);
  std::vector<std::int64_t> places(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) places[static_cast<std::size_t>(i)] = (i * 4097) % n;
  const Array all = x(grid(places, {n, 1}), grid(places, {1, 1, n}));
  CHECK(all.shape() == Shape{1, n, n});
  CHECK(item<std::int64_t>(all(0, 5, 3)) == (5 * 4097 % n) * n + 3 * 4097 % n);
}

TEST_CASE("indexing: positions that do not go together, or are too many, are refused", "[ops]") {
  const Array x = zeros({5, 4, 7});
  CHECK(index_error(x, {grid({0, 1, 2, 3}, {2, 2}), list({0, 1, 2})}) ==
        "positions of shapes (2, 2) and (3,) in one index do not go together; from the last axis on, their "
        "extents must be "
        "equal or 1");
  CHECK(index_error(x, {Slice{}, grid({0, 1, -5, 3}, {2, 2})}) ==
        "index -5 is out of bounds for axis 1 with extent 4; the array has shape (5, 4, 7)");
  CHECK_THAT(index_error(x, {grid({0, 9, 1, 2}, {2, 2}), grid({}, {2, 0, 1, 1})}),
             Catch::Contains("index 9"));
  CHECK_THROWS_AS(Positions({1, 2, 3}, {2, 2}), IndexError);
  CHECK_THROWS_AS(Positions({1}, {-1, -1}), IndexError);
  std::vector<std::int64_t> many(5000, 0);
  CHECK_THAT(index_error(x, {grid(many, {50, 100}), grid(many, {5000, 1, 1})}),
             Catch::Contains("(5000, 50, 100) together, which is too many: there can be 16777216"));
}

TEST_CASE("take: positions of any shape take the place of the axis", "[ops]") {
  std::mt19937_64 random(54);
  const Dense x = random_values(DType::float32, {5, 4, 7}, {}, random);
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{1, 3}, Shape{0, 2}, Shape{2, 1, 2}}) {
    INFO(to_string(shape));
    const Positions picked = random_positions(shape, 4, random);
    const Array lazy = take(chunked(x, {2, 3, 4}), picked, -2);
    require_matches(lazy, dense::index(x, {Slice{}, picked}));
  }
  CHECK_THROWS_WITH(take(zeros({5, 4}), Positions({0, 4}, {2, 1}), 1),
                    Catch::Contains("take: index 4 is out of bounds"));
}

}  // namespace
}  // namespace varve::test
