#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>

#include "ops/select/select.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// NaN is the greatest; of complex numbers, as NumPy says: [R + Rj, R + nan j, nan + Rj, nan + nan j].
bool before(const dense::Number& a, const dense::Number& b) {
  const auto nans = [](const dense::Number& x) {
    return (std::isnan(x.real()) ? 2 : 0) + (std::isnan(x.imag()) ? 1 : 0);
  };
  if (nans(a) != nans(b)) return nans(a) < nans(b);
  if (nans(a) < 2 && a.real() != b.real()) return a.real() < b.real();
  return nans(a) % 2 == 0 && a.imag() < b.imag();
}

// The positions that sort each row along an axis, stably; `block` elements at a time.
dense::Dense sorting_positions(const dense::Dense& x, std::int64_t axis, bool descending) {
  dense::Dense out(DType::int64, x.shape);
  Shape kept = x.shape;
  kept[axis] = 1;
  dense::for_each_index(kept, [&](Index index) {
    std::vector<dense::Number> row;
    const Index origin = index;
    for (std::int64_t i = 0; i < x.shape[axis]; ++i) {
      index[axis] = i;
      row.push_back(x.at(index));
    }
    std::vector<std::int64_t> order(row.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      const dense::Number& left = row[static_cast<std::size_t>(a)];
      const dense::Number& right = row[static_cast<std::size_t>(b)];
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
    node = expr::make_materialised(ops::sort_blocks(node, {1, std::min(block, node->shape[1]), 6, true}));
  }
  const dense::Dense sorted = along(x, sorting_positions(x, 1, true), 1);
  require_matches(Array(node), dense::index(sorted, {Slice{}, Slice{0, 6}}));
}

TEST_CASE("unique_values: sorted, each once, but every NaN", "[ops]") {
  std::mt19937_64 random(14);
  for (const DType dtype : kAllDTypes) {
    const dense::Dense x =
        random_values(dtype, {20, 7}, {.low = -3, .high = 3, .nans = true, .quarters = true}, random);
    std::vector<dense::Number> values = x.values;
    std::sort(values.begin(), values.end(), before);
    // A NaN equals nothing, itself included.
    values.erase(std::unique(values.begin(), values.end()), values.end());
    dense::Dense expected(dtype, {static_cast<std::int64_t>(values.size())});
    std::copy(values.begin(), values.end(), expected.values.begin());
    DYNAMIC_SECTION(name_of(dtype)) { require_matches(unique_values(chunked(x, {3, 4})), expected); }
  }
  CHECK(unique_values(zeros({0, 3})).shape() == Shape{0});
}

TEST_CASE("unique_values: NaN from many slices are all kept, and zeros of both signs are one", "[ops]") {
  const Array i = arange(200000);
  const Array x = where(i % 3 == 0, std::numeric_limits<double>::quiet_NaN(),
                        where(i % 3 == 1, Scalar(-0.0), Scalar(0.0)));
  const Array found = unique_values(x);
  CHECK(found.shape() == Shape{66667 + 1});
  CHECK(item<double>(found(0)) == 0);
  CHECK(item<bool>(all(isnan(found(Slice{1, {}})))));
}

// The expected order is that of NumPy 2.4, numpy.sort and numpy.argsort(kind="stable").
TEST_CASE("sort: complex numbers as NumPy does, with NaN in either part and zeros of both signs", "[ops]") {
  using Complex = std::complex<double>;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Complex> values = {{1, 2},  {1, nan}, {nan, 0}, {nan, -5}, {nan, nan},
                                       {1, -1}, {0, 0},   {5, nan}, {-0.0, 0}, {-0.0, -1}};
  const Array x = from_values(values, {10});
  CHECK(to_vector<std::int64_t>(argsort(x)) == std::vector<std::int64_t>{9, 6, 8, 5, 0, 1, 7, 3, 2, 4});
  CHECK(to_vector<std::int64_t>(argsort(astype(x, DType::complex64))) ==
        std::vector<std::int64_t>{9, 6, 8, 5, 0, 1, 7, 3, 2, 4});
  const std::vector<Complex> sorted = to_vector<Complex>(sort(x));
  CHECK(sorted[0] == Complex(-0.0, -1));
  CHECK(std::signbit(sorted[0].real()));
  CHECK(sorted[3] == Complex(1, -1));
  CHECK(sorted[4] == Complex(1, 2));
  CHECK(sorted[5].real() == 1);
  CHECK(sorted[6].real() == 5);
  CHECK(sorted[7].imag() == -5);
  CHECK(sorted[8].imag() == 0);
  CHECK(std::isnan(sorted[9].real()));
  CHECK(std::isnan(sorted[9].imag()));
  CHECK(unique_values(x).shape() == Shape{9});
}

TEST_CASE("unique_values: refuses more than the budget takes", "[ops]") {
  const Runtime small({.memory = 4_MiB, .threads = 1});
  CHECK_THROWS_AS(unique_values(arange(200000)), BudgetError);
}

TEST_CASE("sorting: refuses an axis that is not there, and more than it has", "[ops]") {
  CHECK_THROWS_AS(argsort(zeros({3}), {.axis = 1}), ShapeError);
  CHECK_THROWS_AS(topk(zeros({3}), 4), ShapeError);
}
