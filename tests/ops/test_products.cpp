#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

using Axes1d = std::vector<std::int64_t>;

std::string name(DType dtype) { return std::string(name_of(dtype)); }

// Multiples of 1/4, whose products and sums of a few hundred are exact in every dtype (float16: of a dozen).
dense::Dense exact_values(DType dtype, const Shape& shape, std::mt19937_64& random) {
  const double bound = dtype == DType::float16 ? 2 : 4;
  return random_values(dtype, shape, {.low = -bound, .high = bound, .quarters = true}, random);
}

// The sum over one more axis of the elementwise product of two arrays that have been brought to one shape.
dense::Dense sum_of_products(const dense::Dense& left, const dense::Dense& right, std::int64_t depth_axes) {
  const DType dtype = dense::promote(left.dtype, right.dtype);
  const dense::Dense products =
      dense::elementwise("multiply", {dense::astype(left, dtype), dense::astype(right, dtype)});
  Axes1d axes(static_cast<std::size_t>(depth_axes));
  std::iota(axes.begin(), axes.end(), products.shape.size() - depth_axes);
  if (dtype == DType::boolean) return dense::reduce("any", products, {.axes = axes});
  return dense::reduce("sum", products, {.axes = axes, .dtype = dtype});
}

// (batch..., m, k) and (batch..., k, n) by loops over broadcast arrays (batch..., m, n, k).
dense::Dense multiply_matrices(const dense::Dense& x1, const dense::Dense& x2) {
  dense::Dense left = x1;
  dense::Dense right = x2;
  if (x1.shape.size() == 1) left = dense::reshape(x1, {1, x1.shape[0]});
  if (x2.shape.size() == 1) right = dense::reshape(x2, {x2.shape[0], 1});
  const auto expand = [](const dense::Dense& x, std::int64_t axis) {
    Shape shape = x.shape;
    shape.insert(axis, 1);
    return dense::reshape(x, shape);
  };
  Axes1d swapped(static_cast<std::size_t>(right.shape.size()));
  std::iota(swapped.begin(), swapped.end(), 0);
  std::swap(swapped[swapped.size() - 1], swapped[swapped.size() - 2]);
  left = expand(left, left.shape.size() - 1);
  right = expand(dense::permute(right, swapped), right.shape.size() - 2);
  const Shape shape = *dense::broadcast(left.shape, right.shape);
  dense::Dense result =
      sum_of_products(dense::broadcast_to(left, shape), dense::broadcast_to(right, shape), 1);
  Shape trimmed = result.shape;
  if (x2.shape.size() == 1) trimmed.erase(trimmed.size() - 1);
  if (x1.shape.size() == 1) trimmed.erase(trimmed.size() - (x2.shape.size() == 1 ? 1 : 2));
  return dense::reshape(result, trimmed);
}

// Larger matrices of one dtype, in long double: no values but exact ones.
dense::Dense multiply_large(const dense::Dense& x1, const dense::Dense& x2) {
  dense::Dense result(x1.dtype, {x1.shape[0], x2.shape[1]});
  dense::for_each_index(result.shape, [&](const Index& at) {
    dense::Number total = 0;
    for (std::int64_t k = 0; k < x2.shape[0]; ++k) total += x1.at({at[0], k}) * x2.at({k, at[1]});
    result.at(at) = is_integer(x1.dtype) ? total : dense::rounded(x1.dtype, total);
  });
  return result;
}

Shape random_chunks(const Shape& shape, std::mt19937_64& random) {
  Shape chunks = shape;
  for (std::int64_t& extent : chunks) extent = pick(random, 1, std::max<std::int64_t>(extent, 1));
  return chunks;
}

void check_large(DType dtype, const Shape& shape1, const Shape& shape2, std::mt19937_64& random) {
  INFO("matmul of " << to_string(shape1) << " and " << to_string(shape2));
  const dense::Dense x1 = exact_values(dtype, shape1, random);
  const dense::Dense x2 = exact_values(dtype, shape2, random);
  require_matches(matmul(chunked(x1, {40, 250}), chunked(x2, {130, 16})), multiply_large(x1, x2));
}

void check_matmul(DType dtype1, const Shape& shape1, DType dtype2, const Shape& shape2,
                  std::mt19937_64& random) {
  INFO("matmul of " << to_string(shape1) << " and " << to_string(shape2));
  const dense::Dense x1 = exact_values(dtype1, shape1, random);
  const dense::Dense x2 = exact_values(dtype2, shape2, random);
  require_matches(
      matmul(chunked(x1, random_chunks(shape1, random)), chunked(x2, random_chunks(shape2, random))),
      multiply_matrices(x1, x2));
}

}  // namespace

TEST_CASE("matmul: every dtype, any chunks", "[ops]") {
  std::mt19937_64 random(71);
  for (const DType dtype : kAllDTypes) {
    DYNAMIC_SECTION(name(dtype)) {
      for (int repeat = 0; repeat < 3; ++repeat) {
        const std::int64_t inner = pick(random, 1, 13);
        check_matmul(dtype, {pick(random, 1, 13), inner}, dtype, {inner, pick(random, 1, 13)}, random);
      }
    }
  }
}

TEST_CASE("matmul: vectors, leading axes that broadcast, mixed dtypes", "[ops]") {
  std::mt19937_64 random(72);
  const std::pair<Shape, Shape> shapes[] = {
      {{7}, {7}},
      {{7}, {7, 5}},
      {{5, 7}, {7}},
      {{3, 5, 7}, {7, 2}},
      {{4, 3}, {5, 3, 2}},
      {{6}, {2, 6, 3}},
      {{2, 1, 3, 4}, {5, 4, 2}},
      {{2, 3, 4}, {4}},
      {{3, 1, 2, 5}, {1, 4, 5, 3}},
      {{1, 1}, {1, 1}},
  };
  for (const auto& [shape1, shape2] : shapes) {
    check_matmul(DType::float64, shape1, DType::float64, shape2, random);
    check_matmul(DType::complex64, shape1, DType::float32, shape2, random);
    check_matmul(DType::int16, shape1, DType::uint8, shape2, random);
  }
}

TEST_CASE("matmul: blocks, slivers and slices that are cut short", "[ops]") {
  std::mt19937_64 random(73);
  for (const DType dtype : {DType::float32, DType::float64, DType::complex128, DType::int32}) {
    DYNAMIC_SECTION(name(dtype)) {
      check_large(dtype, {101, 600}, {600, 37}, random);
      check_large(dtype, {3, 260}, {260, 530}, random);
    }
  }
}

TEST_CASE("matmul: an element's bits do not depend on where it lies", "[ops]") {
  std::mt19937_64 random(74);
  for (const DType dtype : {DType::float32, DType::float64, DType::complex64}) {
    DYNAMIC_SECTION(name(dtype)) {
      const dense::Dense x1 = random_values(dtype, {67, 700}, {.low = -1, .high = 1}, random);
      const dense::Dense x2 = random_values(dtype, {700, 45}, {.low = -1, .high = 1}, random);
      const Array product = matmul(chunked(x1, {20, 300}), chunked(x2, {300, 11}));
      const dense::Dense whole = dense::from_view(compute(product).view());
      require_matches(product, whole);
      require_matches(product(Slice{5, 6}, Slice{7, 40}), dense::index(whole, {Slice{5, 6}, Slice{7, 40}}));
      require_matches(flip(permute_dims(product, {1, 0})),
                      dense::flip(dense::permute(whole, {1, 0}), {0, 1}));
      const double error = dtype == DType::float64 ? 1e-13 : 1e-4;
      require_matches(product, multiply_large(x1, x2), {.absolute = error});
    }
  }
}

TEST_CASE("matmul: nothing to sum gives zeros, no rows give nothing", "[ops]") {
  require_matches(matmul(zeros({2, 0}), zeros({0, 3})), dense::Dense(DType::float64, {2, 3}));
  require_matches(matmul(zeros({0, 4}), zeros({4, 3})), dense::Dense(DType::float64, {0, 3}));
  require_matches(matmul(zeros({0}), zeros({0})), dense::Dense(DType::float64, {}));
}

TEST_CASE("products: an axis of extent 0 beside one of extent 1, or beside none, stays 0", "[ops]") {
  const std::pair<Shape, Shape> shapes[] = {
      {{0, 2, 3}, {3, 4}},       {{2, 3}, {0, 3, 4}},          {{0, 2, 3}, {1, 3, 4}}, {{1, 2, 3}, {0, 3, 4}},
      {{0, 1, 2, 3}, {5, 3, 4}}, {{1, 5, 2, 3}, {0, 1, 3, 4}}, {{3}, {0, 3, 4}},       {{0, 2, 3}, {3}},
      {{0, 2, 0}, {1, 0, 4}},    {{7, 0, 2, 3}, {1, 3, 4}},
  };
  std::mt19937_64 random(78);
  for (const auto& [shape1, shape2] : shapes) {
    check_matmul(DType::float64, shape1, DType::float64, shape2, random);
    check_matmul(DType::int16, shape1, DType::int16, shape2, random);
  }
  CHECK(vecdot(zeros({0, 3}), zeros({1, 3})).shape() == Shape{0});
  CHECK(vecdot(zeros({1, 3}), zeros({0, 5, 1, 3})).shape() == Shape{0, 5, 1});
  CHECK(tensordot(zeros({0, 2, 3}), zeros({3, 2, 4}), std::vector<std::int64_t>{1, 2},
                  std::vector<std::int64_t>{1, 0})
            .shape() == Shape{0, 4});
  CHECK(outer(zeros({0}), zeros({3})).shape() == Shape{0, 3});
  CHECK((zeros({0, 3}) + zeros({1, 3})).shape() == Shape{0, 3});
  CHECK((zeros({1, 3}) * zeros({0, 1})).shape() == Shape{0, 3});
  CHECK(where(zeros({1}, {.dtype = DType::boolean}), zeros({4, 0}), 1).shape() == Shape{4, 0});
}

TEST_CASE("matmul: of what is computed, and used in further products", "[ops]") {
  std::mt19937_64 random(75);
  const dense::Dense x = exact_values(DType::float64, {9, 6}, random);
  const Array lazy = chunked(x, {4, 5});
  const dense::Dense gram = multiply_matrices(dense::permute(x, {1, 0}), x);
  require_matches(matmul(permute_dims(lazy, {1, 0}), lazy), gram);
  require_matches(matmul(matmul(permute_dims(lazy, {1, 0}), lazy), matmul(permute_dims(lazy, {1, 0}), lazy)),
                  multiply_matrices(gram, gram));
  require_matches(sum(matmul(permute_dims(-lazy, {1, 0}), lazy), {.axis = 0}),
                  dense::reduce("sum", dense::elementwise("negative", {gram}), {.axes = {{0}}}));
}

TEST_CASE("tensordot: any pairs of axes", "[ops]") {
  std::mt19937_64 random(76);
  const dense::Dense x = exact_values(DType::float64, {3, 4, 5, 2}, random);
  const dense::Dense y = exact_values(DType::float64, {5, 6, 3}, random);
  const Array a = chunked(x, {2, 3, 2, 2});
  const Array b = chunked(y, {3, 4, 1});
  // Both become (kept of x..., kept of y..., summed...).
  const auto expected = [&](const dense::Dense& left, const dense::Dense& right, std::int64_t depth) {
    const Shape shape = *dense::broadcast(left.shape, right.shape);
    return sum_of_products(dense::broadcast_to(left, shape), dense::broadcast_to(right, shape), depth);
  };
  require_matches(tensordot(a, b, {0, 2}, {2, 0}),
                  expected(dense::reshape(dense::permute(x, {1, 3, 0, 2}), {4, 2, 1, 3, 5}),
                           dense::reshape(dense::permute(y, {1, 2, 0}), {1, 1, 6, 3, 5}), 2));
  require_matches(tensordot(a, b, {-2}, {0}),
                  expected(dense::reshape(dense::permute(x, {0, 1, 3, 2}), {3, 4, 2, 1, 1, 5}),
                           dense::reshape(dense::permute(y, {1, 2, 0}), {1, 1, 1, 6, 3, 5}), 1));
  require_matches(tensordot(b, permute_dims(b, {2, 0, 1}), 1),
                  expected(dense::reshape(y, {5, 6, 1, 1, 3}),
                           dense::reshape(dense::permute(y, {0, 1, 2}), {1, 1, 5, 6, 3}), 1));
  require_matches(tensordot(b, chunked(exact_values(DType::int8, {2}, random), {1}) * 0, 0),
                  dense::Dense(DType::float64, {5, 6, 3, 2}));
}

TEST_CASE("vecdot: conjugates the first array; integers wrap; bool is any of ands", "[ops]") {
  std::mt19937_64 random(77);
  for (const DType dtype : kAllDTypes) {
    DYNAMIC_SECTION(name(dtype)) {
      const dense::Dense x = exact_values(dtype, {4, 9}, random);
      const dense::Dense y = exact_values(dtype, {9}, random);
      const dense::Dense left = is_complex(dtype) ? dense::elementwise("conj", {x}) : x;
      const dense::Dense expected = sum_of_products(left, dense::broadcast_to(y, {4, 9}), 1);
      require_matches(vecdot(chunked(x, {3, 4}), chunked(y, {5})), expected);
      require_matches(
          vecdot(chunked(dense::permute(x, {1, 0}), {3, 4}), chunked(dense::reshape(y, {9, 1}), {5, 1}), 0),
          expected);
    }
  }
}

TEST_CASE("vecdot: float16 products may exceed float16, only their sum is rounded", "[ops]") {
  dense::Dense x(DType::float16, {3});
  dense::Dense y(DType::float16, {3});
  x.values = {300, 300, 1};
  y.values = {300, -300, 7};
  require_matches(vecdot(in_memory(x), in_memory(y)), dense::scalar(DType::float16, 7));
  x.values = {1.0 / 4096, 1.0 / 4096, 0};
  y.values = {1.0 / 8192, 1.0 / 8192, 0};
  require_matches(vecdot(in_memory(x), in_memory(y)), dense::scalar(DType::float16, 0x1p-24));
}

TEST_CASE("vecdot: an axis counts in each array by itself", "[ops]") {
  std::mt19937_64 random(79);
  const dense::Dense x = exact_values(DType::float64, {4}, random);
  const dense::Dense y = exact_values(DType::float64, {4, 3}, random);
  const dense::Dense expected = sum_of_products(dense::broadcast_to(x, {3, 4}), dense::permute(y, {1, 0}), 1);
  require_matches(vecdot(in_memory(x), in_memory(y), 0), expected);
}

TEST_CASE("outer: each element with each", "[ops]") {
  std::mt19937_64 random(78);
  const dense::Dense x = exact_values(DType::float32, {6}, random);
  const dense::Dense y = exact_values(DType::complex64, {4}, random);
  require_matches(outer(chunked(x, {4}), chunked(y, {3})),
                  dense::elementwise("multiply", {dense::reshape(x, {6, 1}), dense::reshape(y, {1, 4})}));
}

TEST_CASE("products: shapes that do not fit are refused", "[ops]") {
  const Array x = zeros({2, 3});
  CHECK_THROWS_AS(matmul(x, x), ShapeError);
  CHECK_THROWS_AS(matmul(x, zeros({})), ShapeError);
  CHECK_THROWS_AS(matmul(zeros({2, 4, 3}), zeros({3, 3, 2})), ShapeError);
  CHECK_THROWS_AS(tensordot(x, x, 1), ShapeError);
  CHECK_THROWS_AS(tensordot(x, x, 3), ShapeError);
  CHECK_THROWS_AS(tensordot(x, x, {0, 0}, {0, 0}), ShapeError);
  CHECK_THROWS_AS(tensordot(x, x, {0}, {0, 1}), ShapeError);
  CHECK_THROWS_AS(vecdot(x, zeros({4})), ShapeError);
  CHECK_THROWS_AS(outer(x, x), ShapeError);
}
