#include <catch2/catch.hpp>
#include <limits>

#include "ops/declared_functions.hpp"
#include "ops/elementwise_cases.hpp"
#include "ops/reduction_cases.hpp"
#include "support/sources.hpp"
#include "varve/varve.hpp"

namespace varve::test {
namespace {

using dense::Dense;
using dense::Reduction;

bool takes(const ReductionCase& row, DType dtype) {
  return row.kinds.find(kind_letter(dtype)) != std::string_view::npos;
}

// Products multiply their roundings; everything else is rounded to the dtype once.
Tolerance tolerance_of(const ReductionCase& row, const Dense& x) {
  if (row.rounding == Rounding::none) return {};
  const bool in_double =
      real_of(x.dtype) == DType::float64 || is_integer(x.dtype) || x.dtype == DType::boolean;
  const double ulps = row.rounding == Rounding::product && in_double ? static_cast<double>(x.size()) : 1;
  return {.ulps = is_complex(x.dtype) ? 4 * ulps : ulps, .absolute = allowed_error(row.rounding, x)};
}

Dense values_for(const ReductionCase& row, DType dtype, const Shape& shape, std::uint64_t seed) {
  std::mt19937_64 random(seed * 1000003 + static_cast<std::uint64_t>(dtype));
  Domain domain = row.domain;
  if (is_complex(dtype)) domain.specials = false;
  return random_values(dtype, shape, domain, random);
}

TEST_CASE("reductions: every declared function has a row", "[ops]") {
  std::set<std::string> present, known;
  for (const ReductionCase& row : reduction_cases()) present.emplace(row.name);
  for (const std::string_view name : dense::reduction_names()) known.emplace(name);
  CHECK(missing_names(declared_functions("reductions.hpp"), present).empty());
  CHECK(missing_names(present, declared_functions("reductions.hpp")).empty());
  CHECK(missing_names(present, known).empty());
}

TEST_CASE("reductions: values are those of the oracle for every function, dtype and axis", "[ops]") {
  const std::vector<Reduction> requests = {{},
                                           {.axes = {{0}}},
                                           {.axes = {{1}}, .keepdims = true},
                                           {.axes = {{2}}},
                                           {.axes = {{0, 2}}},
                                           {.axes = {{1, 2}}, .keepdims = true}};
  std::uint64_t seed = 0;
  for (const ReductionCase& row : reduction_cases()) {
    for (const DType dtype : kAllDTypes) {
      ++seed;
      if (!takes(row, dtype)) continue;
      DYNAMIC_SECTION(row.name << " " << name_of(dtype)) {
        const Dense x = values_for(row, dtype, {5, 4, 7}, seed);
        const Array lazy = chunked(x, {2, 3, 4});
        for (const Reduction& request : requests) {
          if (row.traits.one_axis && request.axes && request.axes->size() > 1) continue;
          INFO("axes " << (request.axes ? to_string(Index(*request.axes)) : "all"));
          require_matches(row.call(lazy, request), dense::reduce(row.name, x, request), tolerance_of(row, x));
        }
      }
    }
  }
}

TEST_CASE("reductions: dtypes that a function does not take are refused when the expression is built",
          "[ops]") {
  for (const ReductionCase& row : reduction_cases()) {
    for (const DType dtype : kAllDTypes) {
      if (takes(row, dtype)) continue;
      INFO(row.name << " of " << name_of(dtype));
      CHECK_THROWS_AS(row.call(in_memory(Dense(dtype, {2})), {}), DTypeError);
      CHECK_THROWS_WITH(
          row.call(in_memory(Dense(dtype, {2})), {}),
          Catch::Contains(std::string(row.name)) && Catch::Contains(std::string(name_of(dtype))));
    }
  }
}

TEST_CASE("reductions: wrong axes are refused when the expression is built", "[ops]") {
  const Array x = in_memory(Dense(DType::float32, {2, 3}));
  for (const ReductionCase& row : reduction_cases()) {
    INFO(row.name);
    CHECK_THROWS_AS(row.call(x, {.axes = {{2}}}), ShapeError);
    CHECK_THROWS_AS(row.call(x, {.axes = {{-3}}}), ShapeError);
    if (!row.traits.one_axis) CHECK_THROWS_AS(row.call(x, {.axes = {{0, -2}}}), ShapeError);
  }
}

TEST_CASE("reductions: nothing to reduce gives the identity, or is refused", "[ops]") {
  const Dense x(DType::float64, {3, 0});
  for (const ReductionCase& row : reduction_cases()) {
    INFO(row.name);
    if (row.traits.needs_elements) {
      CHECK_THROWS_AS(row.call(in_memory(x), {.axes = {{1}}}), ShapeError);
      continue;
    }
    require_matches(row.call(in_memory(x), {.axes = {{1}}}), dense::reduce(row.name, x, {.axes = {{1}}}));
    require_matches(row.call(in_memory(x), {.axes = {{0}}}), dense::reduce(row.name, x, {.axes = {{0}}}));
  }
}

TEST_CASE("reductions: 0-d arrays and single elements work", "[ops]") {
  for (const ReductionCase& row : reduction_cases()) {
    DYNAMIC_SECTION(row.name) {
      const Dense x = dense::scalar(DType::float32, 2.5L);
      require_matches(row.call(in_memory(x), {}), dense::reduce(row.name, x, {}));
      const Dense one = dense::reshape(x, {1, 1});
      require_matches(row.call(in_memory(one), {.axes = {{0}}}),
                      dense::reduce(row.name, one, {.axes = {{0}}}));
    }
  }
}

TEST_CASE("reductions: negative axes count from the end", "[ops]") {
  std::mt19937_64 random(31);
  const Dense x = random_values(DType::int16, {3, 4, 5}, {}, random);
  require_matches(sum(in_memory(x), {.axis = -1}), dense::reduce("sum", x, {.axes = {{2}}}));
  require_matches(max(in_memory(x), {.axis = {0, -2}}), dense::reduce("max", x, {.axes = {{0, 1}}}));
}

TEST_CASE("sum, prod: the dtype option is that of the additions and of the result", "[ops]") {
  std::mt19937_64 random(32);
  const Dense x = random_values(DType::int8, {50}, {.low = -128, .high = 127}, random);
  for (const ReductionCase& row : reduction_cases()) {
    if (!row.traits.takes_dtype) continue;
    for (const DType dtype : {DType::int8, DType::int32, DType::uint16, DType::float64, DType::complex128}) {
      INFO(row.name << " in " << name_of(dtype));
      require_matches(row.call(chunked(x, {7}), {.dtype = dtype}),
                      dense::reduce(row.name, x, {.dtype = dtype}), {.ulps = 60});
    }
  }
}

TEST_CASE("var, std: the correction is taken off the divisor", "[ops]") {
  std::mt19937_64 random(33);
  for (const ReductionCase& row : reduction_cases()) {
    if (!row.traits.takes_correction) continue;
    for (const double correction : {0.5, 1.0, 4.0, 5.0}) {
      INFO(row.name << " correction " << correction);
      const Dense x = random_values(DType::float64, {4, 6}, {.nans = row.name.starts_with("nan")}, random);
      const Reduction request{.axes = {{0}}, .correction = correction};
      require_matches(row.call(chunked(x, {3, 2}), request), dense::reduce(row.name, x, request),
                      tolerance_of(row, x));
    }
  }
}

// The expected values are those of NumPy 2.4.
TEST_CASE("var, std: no divisor left gives infinity, or NaN where nothing deviates", "[ops]") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double correction : {3.0, 4.0, 3.5}) {
    for (const DType dtype : {DType::float32, DType::float64, DType::int16, DType::uint64}) {
      INFO("correction " << correction << " of " << name_of(dtype));
      const Array x = astype(from_values<double>({1, 2, 4, 5, 5, 5}, {2, 3}), dtype);
      Dense expected(is_integer(dtype) ? DType::float64 : dtype, {2});
      expected.values = {inf, nan};
      require_matches(var(x, {.axis = 1, .correction = correction}), expected);
      require_matches(stddev(x, {.axis = 1, .correction = correction}), expected);
      require_matches(var(permute_dims(x, {1, 0}), {.axis = 0, .correction = correction}), expected);
      // Integers have no NaN to skip, and NumPy then takes var itself.
      if (is_floating(dtype)) expected.values = {nan, nan};
      require_matches(nanvar(x, {.axis = 1, .correction = correction}), expected);
      require_matches(nanstd(x, {.axis = 1, .correction = correction}), expected);
    }
  }
}

TEST_CASE("nan forms: slices without numbers give what is documented", "[ops]") {
  Dense x(DType::float32, {2, 3});
  for (std::size_t i = 0; i < 6; ++i) x.values[i] = i < 3 ? std::numeric_limits<dense::Real>::quiet_NaN() : 2;
  for (const ReductionCase& row : reduction_cases()) {
    if (!row.name.starts_with("nan") || row.name.starts_with("nanarg")) continue;
    INFO(row.name);
    require_matches(row.call(chunked(x, {1, 2}), {.axes = {{1}}}),
                    dense::reduce(row.name, x, {.axes = {{1}}}));
  }
}

// As numpy.nanargmin, which raises "All-NaN slice encountered": a -1 would index the last element.
TEST_CASE("nanargmin, nanargmax: a slice without numbers fails the run and is named", "[ops]") {
  const double nan = std::nan("");
  const Array x = chunked(dense::Dense{DType::float32, {5, 7}}, {2, 3});
  const Array holes = where(arange(7) == 4 && (arange(5) > 0)(ellipsis, newaxis), nan, x);
  CHECK_THROWS_WITH(compute(nanargmin(where(arange(7) == 4, nan, x), {.axis = 0})),
                    Catch::Contains("all elements are NaN for (4,) of a result of shape (7,)"));
  CHECK_THROWS_WITH(compute(nanargmax(where((arange(5) == 3)(ellipsis, newaxis), nan, x), {.axis = 1})),
                    Catch::Contains("all elements are NaN for (3,) of a result of shape (5,)"));
  CHECK_THROWS_WITH(compute(nanargmax(x * nan)), Catch::Contains("nanargmax: all elements are NaN, so"));
  CHECK_THROWS_AS(compute(nanargmin(from_values<double>({nan, nan}, {2})) + 1), Error);
  CHECK_THROWS_AS(compute(sum(nanargmin(x * nan, {.axis = 1, .keepdims = true}))), Error);
  CHECK(to_vector<std::int64_t>(nanargmin(holes, {.axis = 0})) == std::vector<std::int64_t>(7, 0));
  CHECK(nanargmin(zeros({4, 0}), {.axis = 0}).shape() == Shape{0});
  CHECK_THROWS_AS(nanargmin(zeros({4, 0}), {.axis = 1}), ShapeError);
}

TEST_CASE("sum, mean: infinities stay, and opposite ones give NaN", "[ops]") {
  const dense::Real inf = std::numeric_limits<dense::Real>::infinity();
  Dense x(DType::float32, {3, 4});
  x.values = {1, inf, 2, 3, inf, 0, -inf, 1, -inf, 1, 1, 1};
  for (const char* name : {"sum", "mean", "prod", "nansum"}) {
    for (const ReductionCase& row : reduction_cases()) {
      if (row.name != name) continue;
      require_matches(row.call(chunked(x, {2, 2}), {.axes = {{1}}}), dense::reduce(name, x, {.axes = {{1}}}));
    }
  }
}

TEST_CASE("sum, mean, var: float32 and float16 accumulate in float64", "[ops]") {
  // 2^24 + 1 is the first integer that float32 cannot count to.
  Dense x(DType::float32, {70000});
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = i % 2 == 0 ? 16777216 : 1;
  require_matches(sum(chunked(x, {1000})), dense::reduce("sum", x));
  require_matches(mean(chunked(x, {999})), dense::reduce("mean", x));
  Dense half(DType::float16, {5000});
  for (dense::Number& value : half.values) value = 100.0625L;
  require_matches(mean(chunked(half, {64})), dense::reduce("mean", half));
  require_matches(var(chunked(half, {64})), dense::reduce("var", half), {.ulps = 0, .absolute = 1e-6});
}

TEST_CASE("var: stays accurate far from zero", "[ops]") {
  std::mt19937_64 random(34);
  Dense x = random_values(DType::float64, {3001}, {.low = -1, .high = 1, .quarters = true}, random);
  for (dense::Number& value : x.values) value += dense::Real{1e9};
  require_matches(var(chunked(x, {100})), dense::reduce("var", x), {.ulps = 0, .absolute = 1e-6});
}

TEST_CASE("reductions: other chunks, same bits where the values add exactly", "[ops]") {
  std::mt19937_64 random(35);
  const Dense x = random_values(DType::float32, {37, 29}, {.low = -64, .high = 64, .quarters = true}, random);
  for (const char* name : {"sum", "mean", "max", "argmin", "count_nonzero"}) {
    for (const ReductionCase& row : reduction_cases()) {
      if (row.name != name) continue;
      for (const Shape& chunks : {Shape{1, 1}, Shape{37, 29}, Shape{5, 29}, Shape{37, 3}, Shape{8, 11}}) {
        INFO(name << " chunks " << to_string(chunks));
        require_matches(row.call(chunked(x, chunks), {}), dense::reduce(name, x, {}));
        require_matches(row.call(chunked(x, chunks), {.axes = {{0}}}),
                        dense::reduce(name, x, {.axes = {{0}}}));
      }
    }
  }
}

TEST_CASE("reductions: computed together they give what they give alone", "[ops]") {
  std::mt19937_64 random(36);
  const Dense x = random_values(DType::float32, {40, 50}, {.low = -5, .high = 5}, random);
  const Array lazy = chunked(x, {7, 50});
  std::vector<Array> all;
  for (const ReductionCase& row : reduction_cases()) {
    all.push_back(row.call(lazy, {}));
    all.push_back(row.call(lazy, {.axes = {{1}}}));
  }
  const auto together = bytes_under({64_MiB, 2}, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(reduction_cases()[i / 2].name);
    CHECK(together[i] == bytes_under({64_MiB, 1}, {all[i]}).front());
  }
}

}  // namespace
}  // namespace varve::test
