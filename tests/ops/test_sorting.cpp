#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "ops/select.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// NaN is the greatest.
bool before(dense::Real a, dense::Real b) { return std::isnan(b) ? !std::isnan(a) : a < b; }

// The positions that sort each row along an axis, stably; `block` elements at a time.
dense::Dense sorting_positions(const dense::Dense& x, std::int64_t axis, bool descending) {
  dense::Dense out(DType::int64, x.shape);
  Shape kept = x.shape;
  kept[axis] = 1;
  dense::for_each_index(kept, [&](Index index) {
    std::vector<dense::Real> row;
    const Index origin = index;
    for (std::int64_t i = 0; i < x.shape[axis]; ++i) {
      index[axis] = i;
      row.push_back(x.at(index).real());
    }
    std::vector<std::int64_t> order(row.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      const dense::Real left = row[static_cast<std::size_t>(a)];
      const dense::Real right = row[static_cast<std::size_t>(b)];
      return descending ? before(right, left) : before(left, right);
    });
    index = origin;
    for (std::int64_t i = 0; i < x.shape[axis]; ++i) {
      index[axis] = i;
      out.at(index) = static_cast<dense::Real>(order[static_cast<std::size_t>(i)]);
    }
  });
  return out;
}

dense::Dense along(const dense::Dense& x, const dense::Dense& positions, std::int64_t axis) {
  return dense::gather(x, positions.shape, [&](Index index) {
    const auto position = static_cast<std::int64_t>(positions.at(index).real());
    index[axis] = position;
    return index;
  });
}

std::vector<IndexItem> first_along(std::int64_t ndim, std::int64_t axis, std::int64_t count) {
  std::vector<IndexItem> items(static_cast<std::size_t>(ndim), Slice{});
  items[static_cast<std::size_t>(axis)] = Slice{0, count};
  return items;
}

Shape random_shape(std::mt19937_64& random, std::int64_t ndim, std::int64_t most) {
  Shape shape;
  for (std::int64_t axis = 0; axis < ndim; ++axis) shape.push_back(pick(random, 1, most));
  return shape;
}

}  // namespace

TEST_CASE("sorting: every dtype, along any axis, in both directions, however the array is cut", "[ops]") {
  std::mt19937_64 random(11);
  for (const DType dtype : kAllDTypes) {
    if (is_complex(dtype)) continue;
    for (const bool descending : {false, true}) {
      const Shape shape = random_shape(random, pick(random, 1, 3), 13);
      const Shape chunks = random_shape(random, shape.size(), 6);
      const std::int64_t axis = pick(random, 0, shape.size() - 1);
      // Few different values: many are equal.
      const Domain domain{.low = -3, .high = 3, .specials = pick(random, 0, 1) == 1, .quarters = true};
      const dense::Dense x = random_values(dtype, shape, domain, random);
      const std::int64_t k = pick(random, 0, shape[axis]);
      DYNAMIC_SECTION(name_of(dtype) << to_string(shape) << " cut " << to_string(chunks) << " axis " << axis
                                     << (descending ? " descending" : "")) {
        const Array lazy = chunked(x, chunks);
        const dense::Dense positions = sorting_positions(x, axis, descending);
        const dense::Dense sorted = along(x, positions, axis);
        require_matches(argsort(lazy, {.axis = axis, .descending = descending}), positions);
        require_matches(sort(lazy, {.axis = axis, .descending = descending}), sorted);
        require_matches(topk(lazy, k, {.axis = axis, .largest = descending}),
                        dense::index(sorted, first_along(shape.size(), axis, k)));
      }
    }
  }
}

TEST_CASE("sorting: without an axis, all elements in C order as one", "[ops]") {
  std::mt19937_64 random(33);
  const dense::Dense x = random_values(DType::float32, {6, 5, 4}, {.nans = true, .quarters = true}, random);
  const dense::Dense flat = dense::reshape(x, {120});
  for (const bool descending : {false, true}) {
    const SortOptions options{.axis = std::nullopt, .descending = descending};
    const dense::Dense positions = sorting_positions(flat, 0, descending);
    require_matches(argsort(chunked(x, {4, 2, 4}), options), positions);
    require_matches(sort(chunked(x, {4, 2, 4}), options), along(flat, positions, 0));
  }
}

TEST_CASE("sorting: a part of a sorted array, and what follows it", "[ops]") {
  std::mt19937_64 random(12);
  const dense::Dense x = random_values(DType::float32, {40, 9}, {}, random);
  const Array sorted = sort(chunked(x, {7, 4}), {.axis = 0});
  const dense::Dense expected = along(x, sorting_positions(x, 0, false), 0);
  require_matches(sorted(Slice{5, 30, 4}, Slice{{}, {}, -1}),
                  dense::index(expected, {Slice{5, 30, 4}, Slice{{}, {}, -1}}));
  require_matches(-sorted, dense::elementwise("negative", {expected}));
}

TEST_CASE("topk: candidates of blocks hold the first of all", "[ops]") {
  std::mt19937_64 random(13);
  const dense::Dense x = random_values(DType::int32, {3, 100}, {.low = -1000, .high = 1000}, random);
  expr::NodePtr node = chunked(x, {2, 9}).node();
  for (const std::int64_t block : {18, 24, 100}) {
    node = expr::make_stored(ops::sort_blocks(node, {1, std::min(block, node->shape[1]), 6, true, false}));
  }
  const dense::Dense sorted = along(x, sorting_positions(x, 1, true), 1);
  require_matches(Array(node), dense::index(sorted, {Slice{}, Slice{0, 6}}));
}

TEST_CASE("unique_values: sorted, each once", "[ops]") {
  std::mt19937_64 random(14);
  for (const DType dtype : kAllDTypes) {
    if (is_complex(dtype)) continue;
    const dense::Dense x =
        random_values(dtype, {20, 7}, {.low = -3, .high = 3, .nans = true, .quarters = true}, random);
    std::vector<dense::Real> values;
    for (const dense::Number& value : x.values) values.push_back(value.real());
    std::sort(values.begin(), values.end(), before);
    const auto same = [](dense::Real a, dense::Real b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    values.erase(std::unique(values.begin(), values.end(), same), values.end());
    dense::Dense expected(dtype, {static_cast<std::int64_t>(values.size())});
    std::copy(values.begin(), values.end(), expected.values.begin());
    DYNAMIC_SECTION(name_of(dtype)) { require_matches(unique_values(chunked(x, {3, 4})), expected); }
  }
  CHECK(unique_values(zeros({0, 3})).shape() == Shape{0});
}

TEST_CASE("unique_values: refuses more than the budget takes", "[ops]") {
  const Runtime small({.memory = 4_MiB, .threads = 1});
  CHECK_THROWS_AS(unique_values(arange(200000)), BudgetError);
}

TEST_CASE("sorting: refuses what has no order", "[ops]") {
  CHECK_THROWS_AS(sort(zeros({3}, {.dtype = DType::complex64})), DTypeError);
  CHECK_THROWS_AS(argsort(zeros({3}), {.axis = 1}), ShapeError);
  CHECK_THROWS_AS(topk(zeros({3}), 4), ShapeError);
  CHECK_THROWS_AS(unique_values(zeros({3}, {.dtype = DType::complex64})), DTypeError);
}
