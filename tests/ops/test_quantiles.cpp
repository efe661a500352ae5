#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "ops/select/quantile.hpp"
#include "ops/select/select.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/core/error.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

constexpr dense::Real kNan = std::numeric_limits<dense::Real>::quiet_NaN();

// The formulas of Hyndman and Fan (1996): sample quantile = (1 - g) X[j] + g X[j + 1] with n p + m = j + g,
// counted from 1.
dense::Real sample_quantile(std::vector<dense::Real> sorted, double p, QuantileMethod method) {
  const auto n = static_cast<double>(sorted.size());
  const auto at = [&](double j) { return sorted[static_cast<std::size_t>(std::clamp(j, 1.0, n)) - 1]; };
  const auto discrete = [&](double m, double tie) {
    const double j = std::floor(n * p + m);
    const double g = n * p + m - j == 0 ? tie : 1.0;
    return g == 0 ? at(j) : (g == 1 ? at(j + 1) : (at(j) + at(j + 1)) / 2);
  };
  const auto continuous = [&](double position) {
    const double j = std::floor(position);
    return at(j) + static_cast<dense::Real>(position - j) * (at(j + 1) - at(j));
  };
  switch (method) {
    case QuantileMethod::inverted_cdf:
      return discrete(0, 0);
    case QuantileMethod::averaged_inverted_cdf:
      return discrete(0, 0.5);
    case QuantileMethod::closest_observation:
      return discrete(-0.5, std::fmod(std::floor(n * p - 0.5), 2) == 0 ? 0 : 1);
    case QuantileMethod::interpolated_inverted_cdf:
      return continuous(n * p);
    case QuantileMethod::hazen:
      return continuous(n * p + 0.5);
    case QuantileMethod::weibull:
      return continuous((n + 1) * p);
    case QuantileMethod::linear:
      return continuous((n - 1) * p + 1);
    case QuantileMethod::median_unbiased:
      return continuous((n + 1.0 / 3) * p + 1.0 / 3);
    case QuantileMethod::normal_unbiased:
      return continuous((n + 1.0 / 4) * p + 3.0 / 8);
    case QuantileMethod::lower:
      return at(std::floor((n - 1) * p) + 1);
    case QuantileMethod::higher:
      return at(std::ceil((n - 1) * p) + 1);
    case QuantileMethod::midpoint:
      return (at(std::floor((n - 1) * p) + 1) + at(std::ceil((n - 1) * p) + 1)) / 2;
    case QuantileMethod::nearest:
      return at(std::nearbyint((n - 1) * p) + 1);
  }
  return kNan;
}

struct Case {
  std::vector<std::int64_t> axes = {};
  std::vector<double> q = {0.5};
  QuantileMethod method = QuantileMethod::linear;
  bool skips_nan = false;
};

// Sorts the folded elements of each kept element. The result has a leading axis for the quantiles.
dense::Dense selected(const dense::Dense& x, const Case& how) {
  Shape shape{static_cast<std::int64_t>(how.q.size())};
  const auto folded = [&](std::int64_t axis) {
    return std::count(how.axes.begin(), how.axes.end(), axis) > 0;
  };
  for (std::int64_t axis = 0; axis < x.shape.size(); ++axis) {
    if (!folded(axis)) shape.push_back(x.shape[axis]);
  }
  const QuantileMethod elements[] = {QuantileMethod::lower, QuantileMethod::higher, QuantileMethod::nearest,
                                     QuantileMethod::inverted_cdf, QuantileMethod::closest_observation};
  const bool exact = !is_floating(x.dtype) &&
                     std::find(std::begin(elements), std::end(elements), how.method) != std::end(elements);
  const bool narrow = x.dtype == DType::float32 || x.dtype == DType::float16;
  dense::Dense out(exact || narrow ? x.dtype : DType::float64, shape);
  std::vector<std::vector<dense::Real>> rows(out.values.size());
  dense::for_each_index(x.shape, [&](const Index& index) {
    Index kept{0};
    for (std::int64_t axis = 0; axis < index.size(); ++axis) {
      if (!folded(axis)) kept.push_back(index[axis]);
    }
    rows[out.flat(kept)].push_back(x.at(index).real());
  });
  const std::size_t kept_count = rows.size() / how.q.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<dense::Real> row = rows[i % kept_count];
    const auto end =
        std::remove_if(row.begin(), row.end(), [](dense::Real value) { return std::isnan(value); });
    const bool has_nan = end != row.end();
    row.erase(end, row.end());
    std::sort(row.begin(), row.end());
    const bool none = row.empty() || (has_nan && !how.skips_nan);
    const dense::Number value = none ? kNan : sample_quantile(row, how.q[i / kept_count], how.method);
    out.values[i] = exact ? value : dense::rounded(out.dtype, value);
  }
  return out;
}

Array lazily(const Array& x, const Case& how) {
  const QuantileOptions options{.axis = how.axes, .method = how.method};
  return how.skips_nan ? nanquantile(x, how.q, options) : quantile(x, how.q, options);
}

ops::QuantileRequest request_of(const Case& how) {
  ops::QuantileRequest request;
  request.axes = how.axes;
  request.q = how.q;
  request.method = how.method;
  request.skips_nan = how.skips_nan;
  return request;
}

// Streams the input in passes, however small its rows are.
Array streamed(const Array& x, const Case& how) {
  ops::QuantileRequest request = request_of(how);
  request.gathered_row_bytes = 0;
  return Array(ops::quantiles(x.node(), request));
}

// Streams the rows of all kept elements together, sampling, counting and collecting.
Array in_passes(const Array& x, const Case& how) {
  const ops::QuantileRequest request = request_of(how);
  const expr::NodePtr node = ops::quantiles(x.node(), request);
  const ops::RowQuantiles of(x.node(), request);
  return Array(expr::make_operation(node->grid, node->dtype, node->inputs,
                                    ops::column_quantiles(of, of.axes.row_grid(x.node()->grid))));
}

Shape random_shape(std::mt19937_64& random, std::int64_t ndim, std::int64_t most) {
  Shape shape;
  for (std::int64_t axis = 0; axis < ndim; ++axis) shape.push_back(pick(random, 1, most));
  return shape;
}

std::vector<std::int64_t> random_axes(std::mt19937_64& random, std::int64_t ndim) {
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 0; axis < ndim; ++axis) {
    if (pick(random, 0, 1) == 1) axes.push_back(axis);
  }
  if (axes.empty()) axes.push_back(pick(random, 0, ndim - 1));
  return axes;
}

}  // namespace

TEST_CASE("quantile: every method, gathered and streamed", "[ops]") {
  std::mt19937_64 random(3);
  for (int number = 0; number <= static_cast<int>(QuantileMethod::nearest); ++number) {
    const auto method = static_cast<QuantileMethod>(number);
    const dense::Dense x = random_values(DType::float64, {7, 8, 3}, {}, random);
    const Case how{{0, 1}, {0.9, 0, 0.25, 0.125, 1, 0.61}, method};
    DYNAMIC_SECTION("method " << number) {
      const dense::Dense expected = selected(x, how);
      require_matches(lazily(chunked(x, {3, 5, 2}), how), expected, {.ulps = 16});
      require_matches(streamed(chunked(x, {3, 5, 2}), how), expected, {.ulps = 16});
      require_matches(in_passes(chunked(x, {3, 5, 2}), how), expected, {.ulps = 16});
    }
  }
}

TEST_CASE("percentile: q counts to 100", "[ops]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array x = from_values(std::vector<double>{4, 1, 3, 2, 5}, {5});
  const Array with_nan = from_values(std::vector<double>{4, nan, 3, 2, 5}, {5});
  // NumPy 2.4.6.
  CHECK(to_vector<double>(percentile(x, std::vector<double>{0, 12.5, 75, 100})) ==
        std::vector<double>{1, 1.5, 4, 5});
  CHECK(to_vector<double>(percentile(x, 50)) == std::vector<double>{3});
  CHECK(to_vector<double>(percentile(x, from_values(std::vector<double>{25}, {1, 1}))) ==
        std::vector<double>{2});
  CHECK(to_vector<double>(nanpercentile(with_nan, 50)) == std::vector<double>{3.5});
  CHECK(to_vector<double>(nanpercentile(with_nan, std::vector<double>{100})) == std::vector<double>{5});
  CHECK(to_vector<double>(nanpercentile(with_nan, zeros({1}))) == std::vector<double>{2});
  CHECK_THROWS_AS(percentile(x, 100.5), ArgumentError);
  CHECK_THROWS_AS(quantile(x, 50), ArgumentError);
}

TEST_CASE("quantile: every dtype, along any axes, however the array is cut", "[ops]") {
  std::mt19937_64 random(4);
  for (const DType dtype : kAllDTypes) {
    if (is_complex(dtype)) continue;
    for (const bool skips_nan : {false, true}) {
      const Shape shape = random_shape(random, pick(random, 1, 3), 9);
      const Shape chunks = random_shape(random, shape.size(), 5);
      const Case how{random_axes(random, shape.size()), {0.5, 0.2}, QuantileMethod::linear, skips_nan};
      const dense::Dense x = random_values(dtype, shape, {.nans = pick(random, 0, 1) == 1}, random);
      DYNAMIC_SECTION(name_of(dtype) << to_string(shape) << " cut " << to_string(chunks)
                                     << (skips_nan ? " nan" : "")) {
        const dense::Dense expected = selected(x, how);
        require_matches(lazily(chunked(x, chunks), how), expected, {.ulps = 2, .absolute = 1e-13});
        if (dtype == DType::float16) continue;
        require_matches(streamed(chunked(x, chunks), how), expected, {.ulps = 2, .absolute = 1e-13});
        require_matches(in_passes(chunked(x, chunks), how), expected, {.ulps = 2, .absolute = 1e-13});
      }
    }
  }
}

TEST_CASE("quantile: methods that take an element give it, in the dtype of the data and exactly", "[ops]") {
  std::mt19937_64 random(11);
  for (const QuantileMethod method : {QuantileMethod::lower, QuantileMethod::higher, QuantileMethod::nearest,
                                      QuantileMethod::inverted_cdf, QuantileMethod::closest_observation}) {
    for (const DType dtype : kAllDTypes) {
      if (is_floating(dtype) || is_complex(dtype)) continue;
      const Case how{{0}, {0.1, 0.5, 0.99}, method, pick(random, 0, 1) == 1};
      dense::Dense x = random_values(dtype, {90, 3}, {.specials = true}, random);
      if (size_bytes(dtype) == 8) {
        // Neighbours that float64 does not tell apart.
        for (auto& value : x.values) value = std::ldexp(dense::Real{1}, 62) + pick(random, -50, 50);
      }
      DYNAMIC_SECTION(name_of(dtype) << " by method " << static_cast<int>(method)) {
        const dense::Dense expected = selected(x, how);
        require_matches(lazily(chunked(x, {40, 2}), how), expected);
        require_matches(streamed(chunked(x, {40, 2}), how), expected);
        require_matches(in_passes(chunked(x, {40, 2}), how), expected);
      }
    }
  }
}

TEST_CASE("quantile: an element of nothing is NaN of floats, and refused of integers", "[ops]") {
  const QuantileOptions lower{.axis = 0, .method = QuantileMethod::lower};
  CHECK(std::isnan(to_vector<double>(quantile(zeros({0, 1}), 0.5, lower)).front()));
  CHECK(quantile(zeros({0, 1}, {.dtype = DType::int8}), 0.5, {.axis = 0}).dtype() == DType::float64);
  CHECK_THROWS_AS(quantile(zeros({0, 1}, {.dtype = DType::int8}), 0.5, lower), ShapeError);
  CHECK(quantile(zeros({0, 0}, {.dtype = DType::int8}), 0.5, lower).shape() == Shape{0});
}

TEST_CASE("quantile: extremes and infinities are elements like others", "[ops]") {
  std::mt19937_64 random(5);
  for (const DType dtype : {DType::int64, DType::uint64, DType::int8, DType::float32, DType::float64}) {
    const Case how{{0}, {0, 0.3, 1}, QuantileMethod::lower, true};
    const dense::Dense x = random_values(dtype, {41}, {.specials = true}, random);
    DYNAMIC_SECTION(name_of(dtype)) {
      const dense::Dense expected = selected(x, how);
      require_matches(lazily(in_memory(x), how), expected, {.ulps = 1});
      require_matches(streamed(chunked(x, {6}), how), expected, {.ulps = 1});
      require_matches(in_passes(chunked(x, {6}), how), expected, {.ulps = 1});
    }
  }
}

TEST_CASE("quantile: exact whatever a sample of the rows says, if they are streamed", "[ops]") {
  constexpr std::int64_t kRows = 5000;
  std::mt19937_64 random(8);
  const auto noise = [&random] { return static_cast<double>(pick(random, -1'000'000, 1'000'000)); };
  struct Values {
    const char* name;
    std::function<double(std::int64_t, std::int64_t)> of;  // row and column
  };
  const std::vector<Values> all = {
      {"noise", [&](std::int64_t, std::int64_t) { return noise(); }},
      {"one value", [](std::int64_t, std::int64_t column) { return static_cast<double>(column); }},
      {"rising", [](std::int64_t row, std::int64_t column) { return static_cast<double>(row * 7 + column); }},
      {"two values", [&](std::int64_t, std::int64_t) { return noise() < 0 ? -1.0 : 1.0; }},
      {"mostly zero", [&](std::int64_t, std::int64_t) { return noise() < 400'000 ? 0.0 : noise(); }},
      {"large where a sample looks",
       [&](std::int64_t row, std::int64_t) { return row % 64 < 8 ? 1e300 : noise(); }},
      {"far apart", [&](std::int64_t, std::int64_t) { return std::exp2(noise() / 2000); }},
      {"some NaN",
       [&](std::int64_t row, std::int64_t column) { return row % (column + 2) == 0 ? noise() : kNan; }}};
  for (const std::int64_t columns : {1, 3, 200}) {
    for (const Values& values : all) {
      dense::Dense x(DType::float64, {kRows, columns});
      for (std::int64_t i = 0; i < kRows * columns; ++i)
        x.values[static_cast<std::size_t>(i)] = values.of(i / columns, i % columns);
      DYNAMIC_SECTION(values.name << ", " << columns << " columns") {
        for (const std::vector<double>& q : {std::vector{0.5}, std::vector{0.0, 0.01, 0.3, 0.3, 0.99, 1.0}}) {
          const Case how{{0}, q, QuantileMethod::linear, true};
          require_matches(in_passes(chunked(x, {64, 70}), how), selected(x, how),
                          {.ulps = 2, .absolute = 1e-9});
        }
      }
    }
  }
}

TEST_CASE("quantile: ranks next to each other in every column, in passes", "[ops]") {
  std::mt19937_64 random(10);
  const dense::Dense x = random_values(DType::float32, {400, 70}, {.low = -5, .high = 5}, random);
  Case how{{0}, {}};
  for (int i = 0; i <= 900; ++i) how.q.push_back(i / 900.0);
  require_matches(in_passes(chunked(x, {30, 70}), how), selected(x, how), {.ulps = 4, .absolute = 1e-6});
}

TEST_CASE("quantile: a zero is positive, in whatever way it was found", "[ops]") {
  dense::Dense x(DType::float64, {301, 40});
  std::mt19937_64 random(9);
  for (auto& value : x.values) value = pick(random, 0, 1) == 0 ? -0.0 : 0.0;
  const dense::Dense zeros(DType::float64, {1, 40});
  for (const Array& found : {lazily(chunked(x, {10, 40}), {{0}}), streamed(chunked(x, {10, 40}), {{0}}),
                             in_passes(chunked(x, {10, 40}), {{0}})})
    require_matches(found, zeros, {.any_zero = false});
}

TEST_CASE("quantile: many quantiles of a large array at once", "[ops]") {
  std::mt19937_64 random(6);
  const dense::Dense x = random_values(DType::float32, {300, 1000}, {.low = -1e3, .high = 1e3}, random);
  Case how{{0, 1}, {}};
  for (int i = 0; i <= 20; ++i) how.q.push_back(i / 20.0);
  require_matches(lazily(chunked(x, {100, 210}), how), selected(x, how), {.ulps = 1});
  const dense::Dense middle = dense::index(selected(x, {{0, 1}}), {0});
  require_matches(median(chunked(x, {7, 1000})), middle, {.ulps = 1});
}

TEST_CASE("median: the two middle elements are averaged, also where their difference or sum overflows",
          "[ops]") {
  const double inf = std::numeric_limits<double>::infinity();
  const double most = std::numeric_limits<double>::max();
  struct Row {
    std::vector<double> values;
    double median;
  };
  const Row rows[] = {{{1, inf}, inf},
                      {{-inf, 1}, -inf},
                      {{inf, -inf}, std::nan("")},
                      {{inf, inf}, inf},
                      {{-most, most}, 0},
                      {{most, most}, most},
                      {{most / 2, most}, most / 4 * 3},
                      {{3, -inf, 4, inf}, 3.5},
                      {{0.1, 0.3}, (0.1 + 0.3) / 2}};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.values[0] << " and " << row.values[1]) {
      const auto n = static_cast<std::int64_t>(row.values.size());
      const Array x = from_values(row.values, {n, 1});
      dense::Dense expected(DType::float64, {1});
      expected.values[0] = row.median;
      require_matches(median(x, {.axis = 0}), expected);
      require_matches(nanmedian(concat({x, full({1, 1}, std::nan(""))}), {.axis = 0}), expected);
      require_matches(streamed(x, {{0}}), dense::reshape(expected, {1, 1}));
    }
  }
}

TEST_CASE("quantile: stays between its neighbours where their difference overflows", "[ops]") {
  const double large = 0x1.0p1023;
  CHECK(item<double>(quantile(from_values<double>({-large, large}, {2}), 0.75)) == large / 2);
  CHECK(item<double>(quantile(from_values<double>({-large, large}, {2}), 0.25)) == -large / 2);
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(item<double>(quantile(from_values<double>({1, inf}, {2}), 0.75)) == inf);
  CHECK(item<double>(quantile(from_values<double>({-inf, 1}, {2}), 0.25)) == -inf);
}

TEST_CASE("quantile: an array of quantiles puts its axes in front", "[ops]") {
  std::mt19937_64 random(39);
  const dense::Dense x = random_values(DType::float64, {9, 5, 4}, {.quarters = true}, random);
  const Array lazy = chunked(x, {4, 2, 4});
  const std::vector<double> q = {0, 0.25, 0.5, 0.6, 0.9, 1};
  const Array one_by_one = compute(quantile(lazy, q, {.axis = 1}));
  CHECK(one_by_one.shape() == Shape{6, 9, 4});
  const std::vector<double> expected = to_vector<double>(one_by_one);
  for (const Shape& shape : {Shape{2, 3}, Shape{3, 1, 2}, Shape{6}, Shape{1, 6}}) {
    const Array found = quantile(lazy, from_values(q, shape), {.axis = 1});
    Shape whole = shape;
    whole.push_back(9);
    whole.push_back(4);
    CHECK(found.shape() == whole);
    CHECK(to_vector<double>(found) == expected);
  }
  CHECK(quantile(lazy, full({}, 0.5), {.axis = 1, .keepdims = true}).shape() == Shape{9, 1, 4});
  CHECK(nanquantile(lazy, full({2, 2}, 0.5)).shape() == Shape{2, 2});
  CHECK(quantile(lazy, zeros({0, 3}), {.axis = 0}).shape() == Shape{0, 3, 5, 4});
  CHECK(to_vector<double>(nanquantile(lazy, astype(full({1, 1}, 1), DType::int8))) ==
        std::vector<double>{static_cast<double>(dense::reduce("max", x, {}).values[0].real())});
  CHECK_THROWS_AS(quantile(lazy, full({2, 2}, 1.5)), ArgumentError);
  CHECK_THROWS_AS(quantile(lazy, full({1}, true)), DTypeError);
  CHECK_THROWS_AS(quantile(lazy, full({1}, std::complex<double>(0.5))), DTypeError);
}

TEST_CASE("median: shapes as of a reduction", "[ops]") {
  std::mt19937_64 random(7);
  const dense::Dense x = random_values(DType::float64, {4, 5, 6}, {}, random);
  const Array lazy = chunked(x, {2, 5, 4});
  const dense::Dense expected = dense::index(selected(x, {{0, 2}}), {0});
  require_matches(median(lazy, {.axis = {0, -1}}), expected, {.ulps = 2, .absolute = 1e-13});
  require_matches(median(lazy, {.axis = {0, 2}, .keepdims = true}), dense::reshape(expected, {1, 5, 1}),
                  {.ulps = 2});
  CHECK(quantile(lazy, {0.1, 0.2}, {.axis = 1, .keepdims = true}).shape() == Shape{2, 4, 1, 6});
  CHECK(nanmedian(lazy).shape() == Shape{});
  require_matches(
      median(lazy - median(lazy, {.axis = 0}), {.axis = 0}) * 0 + 1,
      dense::elementwise("add", {dense::Dense(DType::float64, {5, 6}), dense::scalar(DType::float64, 1)}));
}

TEST_CASE("median: nothing gives NaN", "[ops]") {
  dense::Dense nans(DType::float64, {3});
  for (dense::Number& value : nans.values) value = kNan;
  require_matches(median(zeros({0, 3}), {.axis = 0}), nans);
  require_matches(median(zeros({2, 0}), {.axis = 0}), dense::Dense(DType::float64, {0}));
}

TEST_CASE("quantile: refuses what has no order or no sense", "[ops]") {
  CHECK_THROWS_AS(median(zeros({3}, {.dtype = DType::complex64})), DTypeError);
  CHECK_THROWS_AS(median(zeros({3}), {.axis = 1}), ShapeError);
  CHECK_THROWS_AS(median(zeros({3, 3}), {.axis = {0, -2}}), ShapeError);
  CHECK_THROWS_AS(quantile(zeros({3}), 1.5), ArgumentError);
  CHECK_THROWS_AS(quantile(zeros({3}), {0.5, std::nan("")}), ArgumentError);
}
