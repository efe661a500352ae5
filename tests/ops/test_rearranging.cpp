#include <catch2/catch.hpp>

#include "expr/node.hpp"
#include "support/dense_operations.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

const std::vector<DType> kTypes = {DType::boolean, DType::int16, DType::float32, DType::float64,
                                   DType::complex128};

struct Source {
  dense::Dense values;
  Array array;
};

Source random_source(std::mt19937_64& random, std::int64_t min_ndim, std::int64_t min_extent) {
  Shape shape;
  Shape chunks;
  const std::int64_t ndim = pick(random, min_ndim, 3);
  for (std::int64_t axis = 0; axis < ndim; ++axis) {
    shape.push_back(pick(random, min_extent, 9));
    chunks.push_back(pick(random, 1, 5));
  }
  const dense::Dense values = random_values(pick_one(random, kTypes), shape, {}, random);
  return {values, chunked(values, chunks)};
}

// The element of the array that stands at `at`, of an axis of n elements; -1 for the constant.
std::int64_t padded_from(std::int64_t at, std::int64_t n, Boundary mode) {
  if (at >= 0 && at < n) return at;
  if (mode == Boundary::constant) return -1;
  if (mode == Boundary::nearest) return at < 0 ? 0 : n - 1;
  if (mode == Boundary::wrap) return ((at % n) + n) % n;
  // Walks there from the front, and turns round at the ends.
  std::int64_t place = 0;
  std::int64_t direction = at < 0 ? -1 : 1;
  for (std::int64_t i = 0; i < std::abs(at); ++i) {
    place += direction;
    if (place >= 0 && place < n) continue;
    place = mode == Boundary::reflect ? place - direction
                                      : std::clamp<std::int64_t>(place - 2 * direction, 0, n - 1);
    direction = -direction;
  }
  return place;
}

dense::Dense dense_pad(const dense::Dense& x,
                       const std::vector<std::pair<std::int64_t, std::int64_t>>& widths, Boundary mode,
                       double constant) {
  Shape shape = x.shape;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    shape[axis] +=
        widths[static_cast<std::size_t>(axis)].first + widths[static_cast<std::size_t>(axis)].second;
  }
  dense::Dense result{x.dtype, shape};
  dense::for_each_index(shape, [&](const Index& index) {
    Index source = index;
    bool inside = true;
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      source[axis] =
          padded_from(index[axis] - widths[static_cast<std::size_t>(axis)].first, x.shape[axis], mode);
      inside = inside && source[axis] >= 0;
    }
    result.at(index) = inside ? x.at(source) : dense::Number(constant);
  });
  return result;
}

// A random shape of that many elements.
Shape shape_of(std::int64_t count, std::mt19937_64& random) {
  Shape shape;
  while (count > 1 && shape.size() < 4) {
    std::vector<std::int64_t> divisors;
    for (std::int64_t d = 1; d <= count; ++d) {
      if (count % d == 0) divisors.push_back(d);
    }
    shape.push_back(pick_one(random, divisors));
    count /= shape.back();
  }
  if (count > 1) shape.push_back(count);
  return shape;
}

}  // namespace

TEST_CASE("reshape: the elements keep their C order for any shapes and chunks", "[ops]") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 40; ++round) {
    const Source x = random_source(random, 0, 1);
    const Shape shape = shape_of(element_count(x.values.shape), random);
    INFO("round " << round << ": " << to_string(x.values.shape) << " to " << to_string(shape));
    require_matches(reshape(x.array, shape), dense::reshape(x.values, shape));
  }
}

TEST_CASE("reshape: parts, transposes and sums of what was reshaped", "[ops]") {
  std::mt19937_64 random(12);
  const dense::Dense x = random_values(DType::float32, {6, 10, 7}, {.quarters = true}, random);
  const Array lazy = chunked(x, {4, 3, 2});
  const dense::Dense flat = dense::reshape(x, {420});
  require_matches(ravel(lazy)(Slice{400, 3, -7}), dense::index(flat, {Slice{400, 3, -7}}));
  const dense::Dense split = dense::reshape(flat, {20, 21});
  require_matches(permute_dims(reshape(lazy, {20, -1}), {1, 0}), dense::permute(split, {1, 0}));
  require_matches(sum(reshape(lazy, {20, 21}), {.axis = 0}), dense::reduce("sum", split, {.axes = {{0}}}));
  require_matches(reshape(reshape(lazy, {15, 28}), {6, 10, 7}) - lazy,
                  dense::elementwise("subtract", {x, x}));
  require_matches(reshape(permute_dims(lazy, {2, 0, 1}), {42, 10}),
                  dense::reshape(dense::permute(x, {2, 0, 1}), {42, 10}));
}

TEST_CASE("reshape: Fortran order counts the first index fastest", "[ops]") {
  std::mt19937_64 random(13);
  const dense::Dense x = random_values(DType::int16, {4, 6}, {}, random);
  const dense::Dense expected = dense::permute(dense::reshape(dense::permute(x, {1, 0}), {8, 3}), {1, 0});
  require_matches(reshape(chunked(x, {3, 2}), {3, 8}, Order::f), expected);
}

TEST_CASE("reshape: refuses shapes of other sizes", "[ops]") {
  const Array x = zeros({4, 6});
  CHECK(reshape(x, {-1, 3}).shape() == Shape{8, 3});
  CHECK(reshape(zeros({0, 3}), {2, 0}).shape() == Shape{2, 0});
  CHECK_THROWS_AS(reshape(x, {5, 5}), ShapeError);
  CHECK_THROWS_AS(reshape(x, {-1, -1}), ShapeError);
  CHECK_THROWS_AS(reshape(x, {-1, 7}), ShapeError);
  CHECK_THROWS_AS(reshape(x, {-2, 12}), ShapeError);
  CHECK_THROWS_AS(reshape(zeros({0}), {0, -1}), ShapeError);
}

TEST_CASE("roll: elements pushed over the end come in at the front", "[ops]") {
  std::mt19937_64 random(14);
  for (int round = 0; round < 25; ++round) {
    const Source x = random_source(random, 1, 1);
    std::vector<std::int64_t> axes;
    std::vector<std::int64_t> shifts;
    Index shift(x.values.shape.size(), 0);
    for (std::int64_t axis = 0; axis < shift.size(); ++axis) {
      axes.push_back(axis);
      shifts.push_back(shift[axis] = pick(random, -12, 12));
    }
    require_matches(roll(x.array, shifts, axes), dense::roll(x.values, shift));
    const std::int64_t count = element_count(x.values.shape);
    const dense::Dense flat = dense::roll(dense::reshape(x.values, {count}), {shifts[0]});
    require_matches(roll(x.array, {shifts[0]}), dense::reshape(flat, x.values.shape));
  }
}

TEST_CASE("roll: one shift serves several axes, several shifts one axis", "[ops]") {
  std::mt19937_64 random(15);
  const dense::Dense x = random_values(DType::float32, {5, 7}, {}, random);
  require_matches(roll(chunked(x, {2, 3}), {2}, {0, 1}), dense::roll(x, {2, 2}));
  require_matches(roll(chunked(x, {2, 3}), {2, 3}, -1), dense::roll(x, {0, 5}));
  CHECK_THROWS_AS(roll(in_memory(x), {1, 2, 3}, {0, 1}), ShapeError);
  CHECK_THROWS_AS(roll(in_memory(x), {1}, 2), ShapeError);
  CHECK(roll(zeros({0, 3}), {1}, 0).shape() == Shape{0, 3});
}

TEST_CASE("reshape: parts of rows of any length, from any chunks, into any target", "[ops]") {
  std::mt19937_64 random(31);
  struct Row {
    Shape from, chunks, to;
    std::vector<IndexItem> part;
  };
  const Row rows[] = {
      {{120000}, {7000}, {40000, 3}, {ellipsis, Slice{0, 2}}},
      {{120000}, {50000}, {300, 100, 4}, {Slice{5, 290}, Slice{10, 90}, Slice{1, 3}}},
      {{300, 400}, {70, 90}, {60, 500, 4}, {Slice{3, 59}, Slice{}, Slice{1, 4}}},
      {{40, 30, 100}, {7, 30, 33}, {40, 500, 6}, {Slice{}, Slice{100, 300}, Slice{2, 3}}},
      {{5, 6000, 4}, {2, 700, 4}, {5, 1000, 24}, {Slice{1, 4}, Slice{}, Slice{5, 7}}},
      {{10, 12000}, {3, 5000}, {20, 6000}, {Slice{}, Slice{100, 103}}},
      {{100, 1, 9}, {30, 1, 4}, {3, 1, 300}, {Slice{}, 0, Slice{7, 11}}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(to_string(row.from) << " to " << to_string(row.to)) {
      const dense::Dense x = random_values(DType::int16, row.from, {}, random);
      const Array lazy = reshape(chunked(x, row.chunks), row.to);
      const dense::Dense expected = dense::reshape(x, row.to);
      require_matches(lazy(row.part), dense::index(expected, row.part));
      const std::int64_t last = row.to.size() - 1;
      std::vector<std::int64_t> twice;
      for (std::int64_t i = 0; i < 2 * row.to[last]; ++i) twice.push_back(i % row.to[last]);
      require_matches(concat({lazy, lazy}, last), dense::take(expected, twice, last));
    }
  }
}

TEST_CASE("pad: any number of periods, also of a part that lies between them", "[ops]") {
  std::mt19937_64 random(32);
  for (const Boundary mode : {Boundary::wrap, Boundary::mirror, Boundary::reflect}) {
    for (const std::int64_t n : {1, 2, 3, 7}) {
      const dense::Dense x = random_values(DType::int32, {n, 2}, {}, random);
      const Array lazy = pad(chunked(x, {2, 1}), {{101, 57}, {9, 30}}, {.mode = mode});
      const dense::Dense expected = dense_pad(x, {{101, 57}, {9, 30}}, mode, 0);
      DYNAMIC_SECTION(static_cast<int>(mode) << " of " << n) {
        require_matches(lazy, expected);
        const std::vector<IndexItem> part = {Slice{13, 96}, Slice{2, 40}};
        require_matches(lazy(part), dense::index(expected, part));
        const std::vector<IndexItem> late = {Slice{140, 111, -1}, Slice{20, 41}};
        require_matches(lazy(late), dense::index(expected, late));
      }
    }
  }
}

TEST_CASE("pad: millions of periods take no list of them", "[ops]") {
  const Array x = from_values<std::int8_t>({1, 2}, {2});
  const expr::NodePtr node = pad(x, {{8'000'000, 1}}, {.mode = Boundary::wrap}).node();
  const auto& op = *node->as<expr::Operation>()->op;
  CHECK(op.demand(0, Box(node->shape)).size() == 1);
  CHECK(item<std::int64_t>(sum(Array(node))) == 12'000'004);
}

TEST_CASE("pad: every mode, any widths, also beyond the extents", "[ops]") {
  std::mt19937_64 random(16);
  for (int round = 0; round < 60; ++round) {
    const Source x = random_source(random, 1, 1);
    const auto mode = static_cast<Boundary>(round % 5);
    std::vector<std::pair<std::int64_t, std::int64_t>> widths;
    for (std::int64_t axis = 0; axis < x.values.shape.size(); ++axis) {
      widths.emplace_back(pick(random, 0, round % 3 == 0 ? 20 : 4), pick(random, 0, 5));
    }
    INFO("round " << round << ", shape " << to_string(x.values.shape));
    require_matches(pad(x.array, widths, {.mode = mode, .constant = 1}),
                    dense_pad(x.values, widths, mode, 1));
  }
}

TEST_CASE("pad: parts of what was padded, and empty axes", "[ops]") {
  std::mt19937_64 random(17);
  const dense::Dense x = random_values(DType::float32, {5, 7}, {}, random);
  const dense::Dense padded = dense_pad(x, {{8, 3}, {8, 3}}, Boundary::reflect, 0);
  const Array lazy = pad(chunked(x, {2, 3}), {{8, 3}}, {.mode = Boundary::reflect});
  require_matches(lazy(Slice{13, 1, -3}, Slice{0, 4}), dense::index(padded, {Slice{13, 1, -3}, Slice{0, 4}}));
  require_matches(pad(zeros({0, 2}), {{1, 1}}, {.constant = 3}),
                  dense_pad({DType::float64, {0, 2}}, {{1, 1}, {1, 1}}, Boundary::constant, 3));
}

TEST_CASE("pad: refuses what it cannot do", "[ops]") {
  const Array x = zeros({2, 3});
  CHECK_THROWS_AS(pad(x, {{1, -1}}), ShapeError);
  CHECK_THROWS_AS(pad(x, {{1, 1}, {1, 1}, {1, 1}}), ShapeError);
  CHECK_THROWS_AS(pad(zeros({0, 3}), {{1, 1}}, {.mode = Boundary::nearest}), ShapeError);
  CHECK_THROWS_AS(pad(astype(x, DType::int8), {{1, 1}}, {.constant = 1000}), DTypeError);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(pad(arange(4), {{most, most}}), ShapeError);
  CHECK_THROWS_AS(pad(arange(4), {{0, most - 3}}), ShapeError);
  CHECK_THROWS_AS(pad(arange(4), {{0, most - 4}}), ShapeError);
  CHECK_THROWS_AS(pad(arange(4), {{most, most}}, {.mode = Boundary::wrap}), ShapeError);
}

TEST_CASE("pad: takes constants that the dtype has, and no others", "[ops]") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto padded = [](DType dtype, const Scalar& constant) {
    return pad(zeros({1}, {.dtype = dtype}), {{0, 1}}, {.constant = constant});
  };
  for (const Scalar& constant : {Scalar(std::nan("")), Scalar(inf), Scalar(2.5), Scalar(1e19),
                                 Scalar(-0x1.0p63 * 2), Scalar(std::complex<double>(1, 2))}) {
    CHECK_THROWS_AS(padded(DType::int64, constant), DTypeError);
  }
  CHECK_THROWS_AS(padded(DType::uint8, -1.0), DTypeError);
  CHECK_THROWS_AS(padded(DType::uint8, 256.0), DTypeError);
  CHECK_THROWS_AS(padded(DType::boolean, 2), DTypeError);
  CHECK_THROWS_AS(padded(DType::float64, std::complex<double>(1, 2)), DTypeError);
  CHECK(to_vector<std::int64_t>(padded(DType::int64, -0x1.0p63))[1] ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(to_vector<std::uint8_t>(padded(DType::uint8, 255.0))[1] == 255);
  CHECK(to_vector<bool>(padded(DType::boolean, 1))[1]);
  CHECK(to_vector<float>(padded(DType::float32, inf))[1] == inf);
  CHECK(to_vector<double>(padded(DType::float64, std::complex<double>(3, 0)))[1] == 3);
  CHECK(to_vector<std::complex<double>>(padded(DType::complex128, std::complex<double>(1, 2)))[1] ==
        std::complex<double>(1, 2));
}
