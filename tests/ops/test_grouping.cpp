#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "expr/node.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/temporary_directory.hpp"
#include "support/values.hpp"
#include "varve/core/error.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

struct Named {
  const char* name;
  GroupOp op;
};
constexpr Named kOps[] = {
    {"sum", GroupOp::sum},       {"mean", GroupOp::mean},       {"min", GroupOp::min},
    {"max", GroupOp::max},       {"nancount", GroupOp::count},  {"var", GroupOp::var},
    {"std", GroupOp::std},       {"first", GroupOp::first},     {"last", GroupOp::last},
    {"nansum", GroupOp::nansum}, {"nanmean", GroupOp::nanmean}, {"nanmin", GroupOp::nanmin},
    {"nanmax", GroupOp::nanmax}, {"nanvar", GroupOp::nanvar},   {"nanstd", GroupOp::nanstd},
    {"prod", GroupOp::prod}};

// Takes the rows of each label together and reduces them.
dense::Dense grouped(const dense::Dense& x, const std::vector<std::int64_t>& labels, std::int64_t axis,
                     const std::string& name) {
  std::map<std::int64_t, std::vector<std::int64_t>> rows;
  for (std::size_t row = 0; row < labels.size(); ++row)
    rows[labels[row]].push_back(static_cast<std::int64_t>(row));
  std::vector<dense::Dense> parts;
  for (const auto& [label, members] : rows) {
    const std::vector<std::int64_t> one = {name == "last" ? members.back() : members.front()};
    parts.push_back(name == "first" || name == "last" ? dense::take(x, one, axis)
                                                      : dense::reduce(name, dense::take(x, members, axis),
                                                                      {.axes = {{axis}}, .keepdims = true}));
  }
  Shape shape = x.shape;
  shape[axis] = static_cast<std::int64_t>(parts.size());
  dense::Dense out(parts[0].dtype, shape);
  dense::for_each_index(shape, [&](Index index) {
    const Index target = index;
    index[axis] = 0;
    out.at(target) = parts[static_cast<std::size_t>(target[axis])].at(index);
  });
  return out;
}

Shape random_shape(std::mt19937_64& random, std::int64_t ndim, std::int64_t most) {
  Shape shape;
  for (std::int64_t axis = 0; axis < ndim; ++axis) shape.push_back(pick(random, 1, most));
  return shape;
}

}  // namespace

TEST_CASE("groupby_reduce: every function, along any axis, however the array is cut", "[ops]") {
  std::mt19937_64 random(21);
  for (const DType dtype :
       {DType::boolean, DType::int16, DType::uint32, DType::float16, DType::float32, DType::float64}) {
    for (const Named& row : kOps) {
      const Shape shape = random_shape(random, pick(random, 1, 3), 13);
      const Shape chunks = random_shape(random, shape.size(), 6);
      const std::int64_t axis = pick(random, 0, shape.size() - 1);
      const dense::Dense x =
          random_values(dtype, shape, {.nans = pick(random, 0, 1) == 1, .quarters = true}, random);
      std::vector<std::int64_t> labels;
      for (std::int64_t i = 0; i < shape[axis]; ++i) labels.push_back(pick(random, -2, 3));
      DYNAMIC_SECTION(row.name << " " << name_of(dtype) << to_string(shape) << " cut " << to_string(chunks)
                               << " axis " << axis) {
        const Array lazy =
            groupby_reduce(chunked(x, chunks), from_values(labels, {shape[axis]}), row.op, {.axis = axis});
        require_matches(lazy, grouped(x, labels, axis, row.name), {.ulps = 4, .absolute = 1e-9});
      }
    }
  }
}

TEST_CASE("groupby_reduce: many columns, groups that come again, parts of the result", "[ops]") {
  std::mt19937_64 random(22);
  const dense::Dense x = random_values(DType::float32, {24, 3, 1000}, {}, random);
  std::vector<std::int64_t> labels;
  for (std::int64_t row = 0; row < 24; ++row) labels.push_back(100 - row % 12);
  const Array lazy = groupby_reduce(chunked(x, {5, 2, 300}), from_values(labels, {24}), GroupOp::mean);
  const dense::Dense expected = grouped(x, labels, 0, "mean");
  require_matches(lazy, expected, {.ulps = 1});
  require_matches(lazy(Slice{2, 11, 3}, 1), dense::index(expected, {Slice{2, 11, 3}, 1}), {.ulps = 1});
  const Array sample =
      groupby_reduce(chunked(x, {5, 2, 300}), arange(24) % 4, GroupOp::var, {.correction = 1});
  CHECK(sample.shape() == Shape{4, 3, 1000});
}

// As var and nanvar of NumPy 2.4 on the rows of each group.
TEST_CASE("groupby_reduce: groups with no more rows than the correction have infinite variances, or NaN",
          "[ops]") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array x = from_values<double>({1, 2, 5, 5, 7, 1, 2, 4}, {8});
  const Array labels = from_values<std::int64_t>({0, 0, 1, 1, 2, 3, 3, 3}, {8});
  const auto of = [&](GroupOp op, const Array& values) {
    return groupby_reduce(values, labels, op, {.correction = 2});
  };
  dense::Dense expected(DType::float64, {4});
  expected.values = {inf, nan, nan, 14.0L / 3};
  require_matches(of(GroupOp::var, x), expected, {.ulps = 2});
  require_matches(of(GroupOp::var, astype(x, DType::int32)), expected, {.ulps = 2});
  expected.values = {nan, nan, nan, 14.0L / 3};
  require_matches(of(GroupOp::nanvar, x), expected, {.ulps = 2});
  expected.values[3] = std::sqrt(14.0L / 3);
  require_matches(of(GroupOp::nanstd, x), expected, {.ulps = 2});
}

TEST_CASE("groupby_reduce: groups in runs, from whole chunks of a file and from those at its edges",
          "[ops]") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(23);
  const dense::Dense x = random_values(DType::float32, {26, 3, 3000}, {.nans = true}, random);
  save(chunked(x, {8, 3, 3000}), directory / "x.zarr", {.chunks = Shape{8, 3, 3000}});
  const Array file = open(directory / "x.zarr");
  std::vector<std::int64_t> labels;
  for (std::int64_t row = 0; row < 26; ++row) labels.push_back(row / 7 % 3);
  for (const Named& row : kOps) {
    INFO(row.name);
    const Array lazy = groupby_reduce(file, from_values(labels, {26}), row.op);
    require_matches(lazy, grouped(x, labels, 0, row.name), {.ulps = 4, .absolute = 1e-9});
    CHECK(bytes_under({64 << 20, 2}, {lazy}) == bytes_under({16 << 20, 1}, {lazy}));
  }
}

TEST_CASE("groupby_reduce: refuses labels that do not fit", "[ops]") {
  const Array x = zeros({4, 3});
  CHECK_THROWS_AS(groupby_reduce(x, arange(3), GroupOp::sum), ShapeError);
  CHECK_THROWS_AS(groupby_reduce(x, zeros({4}, {.dtype = DType::complex64}), GroupOp::sum), DTypeError);
  CHECK_THROWS_AS(groupby_reduce(x, zeros({2, 2}, {.dtype = DType::int8}), GroupOp::sum), ShapeError);
  CHECK_THROWS_AS(groupby_reduce(x, arange(4), GroupOp::sum, {.axis = 2}), ShapeError);
  CHECK_THROWS_AS(groupby_reduce(zeros({4}, {.dtype = DType::complex64}), arange(4), GroupOp::min),
                  DTypeError);
}

// As pandas and flox: groups of float labels in ascending order, rows of NaN in none.
TEST_CASE("groupby_reduce: labels may be floats, and those that are NaN form no group", "[ops]") {
  const double nan = std::nan("");
  const double inf = std::numeric_limits<double>::infinity();
  std::mt19937_64 random(24);
  const dense::Dense x = random_values(DType::float64, {11, 4}, {.quarters = true}, random);
  const std::vector<double> labels = {2.5, nan, -0.0, inf, -1e-300, 2.5, -nan, 0.0, -inf, -7, nan};
  // The places of the labels among the distinct ones: -inf, -7, -1e-300, 0, 2.5, inf.
  const std::vector<std::int64_t> places = {4, 9, 3, 5, 2, 4, 9, 3, 0, 1, 9};
  for (const Named& row : kOps) {
    INFO(row.name);
    const Array lazy = groupby_reduce(chunked(x, {3, 2}), from_values(labels, {11}), row.op);
    const dense::Dense all = grouped(x, places, 0, row.name);
    require_matches(lazy, dense::index(all, {Slice{0, 6}}), {.ulps = 4, .absolute = 1e-9});
  }
  for (const DType dtype : {DType::float16, DType::float32}) {
    const Array halves = astype(from_values<double>({1.5, nan, -2, 1.5}, {4}), dtype);
    const Array sums = groupby_reduce(from_values<double>({1, 2, 4, 8}, {4}), halves, GroupOp::sum);
    CHECK(to_vector<double>(sums) == std::vector<double>{4, 9});
  }
  CHECK(groupby_reduce(chunked(x, {3, 2}), full({11}, nan), GroupOp::mean).shape() == Shape{0, 4});
}

TEST_CASE("groupby_reduce: labels may span several axes, in any order", "[ops]") {
  std::mt19937_64 random(25);
  for (int round = 0; round < 12; ++round) {
    const Shape shape = random_shape(random, 4, 7);
    const dense::Dense x = random_values(DType::float64, shape, {.quarters = true}, random);
    std::vector<std::int64_t> axes = {0, 1, 2, 3};
    std::shuffle(axes.begin(), axes.end(), random);
    axes.resize(static_cast<std::size_t>(pick(random, 1, 4)));
    Shape extents;
    for (const std::int64_t axis : axes) extents.push_back(shape[axis]);
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < element_count(extents); ++i) labels.push_back(pick(random, -2, 3));
    // The same with the axes of the labels as one, in the place of the first of them.
    const std::int64_t place = *std::min_element(axes.begin(), axes.end());
    std::vector<std::int64_t> order;
    Shape joined;
    for (std::int64_t axis = 0; axis < 4; ++axis) {
      const bool is_label = std::find(axes.begin(), axes.end(), axis) != axes.end();
      if (axis == place) order.insert(order.end(), axes.begin(), axes.end());
      if (axis == place) joined.push_back(element_count(extents));
      if (is_label) continue;
      order.push_back(axis);
      joined.push_back(shape[axis]);
    }
    const dense::Dense rows = dense::reshape(dense::permute(x, order), joined);
    INFO("round " << round << " " << to_string(shape) << " by " << to_string(Index(axes)));
    const Named& row = kOps[static_cast<std::size_t>(pick(random, 0, 15))];
    const Array lazy =
        groupby_reduce(chunked(x, random_shape(random, 4, 5)),
                       rechunk(from_values(labels, extents), random_shape(random, extents.size(), 4)), row.op,
                       {.axis = axes});
    require_matches(lazy, grouped(rows, labels, place, row.name), {.ulps = 4, .absolute = 1e-9});
  }
  const Array map = from_values<std::int8_t>({0, 1, 1, 0}, {2, 2});
  CHECK(to_vector<std::int64_t>(groupby_reduce(arange(4)(Slice{}, newaxis) + arange(2) * 0,
                                               arange(4)(Slice{}, newaxis) + arange(2), GroupOp::sum)) ==
        std::vector<std::int64_t>{0, 1, 3, 5, 3});
  CHECK(to_vector<std::int64_t>(groupby_reduce(reshape(arange(4), {2, 2}), map, GroupOp::sum)) ==
        std::vector<std::int64_t>{3, 3});
  CHECK_THROWS_WITH(groupby_reduce(zeros({3, 2, 2}), map, GroupOp::sum), Catch::Contains("axis=(1, 2)"));
  CHECK_THROWS_AS(groupby_reduce(zeros({3, 2, 2}), map, GroupOp::sum, {.axis = {0, 1}}), ShapeError);
  CHECK_THROWS_AS(groupby_reduce(zeros({2, 2}), map, GroupOp::sum, {.axis = {1, 1}}), ShapeError);
}

// As pandas.cut, xarray's groupby_bins and flox: (a, b] unless right is false.
TEST_CASE("groupby_reduce: bins are groups, those without rows too", "[ops]") {
  const double nan = std::nan("");
  const double inf = std::numeric_limits<double>::infinity();
  const Array x = from_values<double>({1, 2, 4, 8, 16, 32, 64}, {7});
  const Array labels = from_values<double>({0, 1, 1.5, 2, 5, nan, -1}, {7});
  const auto binned = [&](GroupOp op, const std::vector<double>& bins, bool right = true) {
    return to_vector<double>(groupby_reduce(x, labels, op, {.bins = bins, .right = right}));
  };
  CHECK(binned(GroupOp::sum, {0, 1, 2, 5}) == std::vector<double>{2, 12, 16});
  CHECK(binned(GroupOp::sum, {0, 1, 2, 5}, false) == std::vector<double>{1, 6, 8});
  CHECK(binned(GroupOp::sum, {-inf, 1, inf}) == std::vector<double>{67, 28});
  CHECK(binned(GroupOp::sum, {2, 3, 4, 5}) == std::vector<double>{0, 0, 16});
  CHECK(binned(GroupOp::prod, {2, 3}) == std::vector<double>{1});
  CHECK(to_vector<std::int64_t>(groupby_reduce(x, labels, GroupOp::count, {.bins = {2, 3, 5}})) ==
        std::vector<std::int64_t>{0, 1});
  for (const Named& row : kOps) {
    const std::string name = row.name;
    if (name == "sum" || name == "nansum" || name == "prod" || name == "nancount") continue;
    INFO(name);
    const std::vector<double> found = binned(row.op, {2, 3, 5});
    CHECK(std::isnan(found[0]));
    CHECK(found[1] == (name.ends_with("var") || name.ends_with("std") ? 0 : 16));
  }
  const Array integers = astype(x, DType::int32);
  CHECK(to_vector<std::int32_t>(groupby_reduce(integers, labels, GroupOp::max, {.bins = {0, 1, 2, 5}})) ==
        std::vector<std::int32_t>{2, 8, 16});
  CHECK_THROWS_WITH(groupby_reduce(integers, labels, GroupOp::max, {.bins = {0, 1, 1.25, 2}}),
                    Catch::Contains("no label lies in (1.0, 1.25]"));
  CHECK_THROWS_AS(groupby_reduce(x, labels, GroupOp::sum, {.bins = {1}}), ArgumentError);
  CHECK_THROWS_AS(groupby_reduce(x, labels, GroupOp::sum, {.bins = {1, 1}}), ArgumentError);
  CHECK_THROWS_AS(groupby_reduce(x, labels, GroupOp::sum, {.bins = {1, nan}}), ArgumentError);
  CHECK(to_vector<double>(groupby_reduce(zeros({0, 2}), zeros({0}), GroupOp::sum, {.bins = {1, 2, 3}})) ==
        std::vector<double>(4, 0));
  CHECK(to_vector<std::int64_t>(groupby_reduce(arange(6), reshape(arange(6) % 3, {6}), GroupOp::sum,
                                               {.bins = {-1, 0, 2}})) == std::vector<std::int64_t>{3, 12});
}

TEST_CASE("groupby_reduce: groups of uint64 labels stand in the order of unique_values", "[ops]") {
  const std::uint64_t half = std::uint64_t{1} << 63;
  const std::vector<std::uint64_t> labels = {half + 5, 3, 2 * (half - 1) + 1, half, 3, half - 1};
  const Array names = from_values(labels, {6});
  const Array x = from_values<double>({1, 2, 4, 8, 16, 32}, {6});
  CHECK(to_vector<double>(groupby_reduce(x, names, GroupOp::sum)) == std::vector<double>{18, 32, 8, 1, 4});
  CHECK(to_vector<std::uint64_t>(unique_values(names)) ==
        std::vector<std::uint64_t>{3, half - 1, half, half + 5, 2 * (half - 1) + 1});
}

TEST_CASE("groupby_reduce: first and last keep what stands there, also a NaN", "[ops]") {
  const double nan = std::nan("");
  const Array x = from_values<double>({nan, 1, 2, nan}, {4});
  const Array labels = from_values<std::int8_t>({0, 0, 1, 1}, {4});
  CHECK(std::isnan(to_vector<double>(groupby_reduce(x, labels, GroupOp::first))[0]));
  CHECK(std::isnan(to_vector<double>(groupby_reduce(x, labels, GroupOp::last))[1]));
  CHECK(to_vector<double>(groupby_reduce(x, labels, GroupOp::last))[0] == 1);
}

TEST_CASE("groupby_reduce: holds 4 bytes per row in the budget, and refuses labels beyond it", "[ops]") {
  const Runtime runtime({.memory = 16_MiB, .threads = 2});
  const Array x = zeros({1 << 20}, {.dtype = DType::float32});
  {
    const Array held = groupby_reduce(x, arange(1 << 20) % 12, GroupOp::mean);
    CHECK(runtime.leased_bytes() >= 4 << 20);
    CHECK(runtime.leased_bytes() <= (4 << 20) + 65536);
    CHECK(to_vector<float>(held) == std::vector<float>(12, 0));
  }
  CHECK(runtime.leased_bytes() == 0);
  CHECK_THROWS_AS(groupby_reduce(x, arange(1 << 20), GroupOp::mean), BudgetError);
}

TEST_CASE("groupby_reduce: a group of a 1-d array takes its accumulators and little more", "[ops]") {
  const std::int64_t n = 100'000;
  const expr::NodePtr node = groupby_reduce(zeros({n}), arange(n) % 50'000, GroupOp::var).node();
  const auto& op = *node->as<expr::Operation>()->op;
  const std::int64_t few = op.workspace({1000}, 1).bytes();
  CHECK(op.workspace({50'000}, 1).bytes() - few <= 49'000 * 32);
}

TEST_CASE("groupby_reduce: names the function that is not defined", "[ops]") {
  const Array x = zeros({4}, {.dtype = DType::complex64});
  CHECK_THROWS_WITH(groupby_reduce(x, arange(4), GroupOp::max), Catch::Contains("max is not defined"));
}
