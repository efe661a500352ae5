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

}  // namespace
}  // namespace varve::test
