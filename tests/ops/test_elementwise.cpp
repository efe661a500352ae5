#include <catch2/catch.hpp>

#include "ops/declared_functions.hpp"
#include "ops/elementwise_cases.hpp"
#include "support/sources.hpp"
#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"

namespace varve::test {
namespace {

using dense::Dense;

// Values differ with the row and the dtype, and are the same in every run.
std::mt19937_64 generator(std::string_view name, DType dtype) {
  std::uint64_t seed = static_cast<std::uint64_t>(dtype);
  for (const char letter : name) seed = seed * 131 + static_cast<unsigned char>(letter);
  return std::mt19937_64(seed);
}

// Broadcasting shapes, odd extents, chunks that divide nothing.
const std::vector<std::pair<Shape, Shape>> kOperandShapes = {{{5, 1, 7}, {2, 1, 3}}, {{4, 7}, {4, 7}}};

TEST_CASE("elementwise: every declared function has a row here or in the tests of its options", "[ops]") {
  std::set<std::string> present = {"astype", "where", "clip", "isclose", "nan_to_num", "elementwise"};
  for (const ElementwiseCase& row : elementwise_cases()) present.emplace(row.name);
  CHECK(missing_names(declared_functions("elementwise.hpp"), present).empty());
  CHECK(missing_names(present, declared_functions("elementwise.hpp")).empty());
  std::set<std::string> known;
  for (const std::string_view name : dense::elementwise_names()) known.emplace(name);
  present.erase("astype");
  present.erase("elementwise");
  CHECK(missing_names(present, known).empty());
}

TEST_CASE("elementwise: values are those of the oracle for every function and dtype", "[ops]") {
  for (const ElementwiseCase& row : elementwise_cases()) {
    for (const DType dtype : kAllDTypes) {
      if (row.kinds.find(kind_letter(dtype)) == std::string_view::npos) continue;
      DYNAMIC_SECTION(row.name << " " << name_of(dtype)) {
        std::mt19937_64 random = generator(row.name, dtype);
        std::vector<Operand> lazy;
        std::vector<Dense> dense;
        for (int i = 0; i < row.arity; ++i) {
          Domain domain = domain_of(row, static_cast<std::size_t>(i));
          if (is_complex(dtype)) domain.specials = false;
          const auto& [shape, chunks] = kOperandShapes[static_cast<std::size_t>(i)];
          dense.push_back(random_values(dtype, shape, domain, random));
          lazy.emplace_back(chunked(dense.back(), chunks));
        }
        const double ulps = is_complex(dtype) ? row.complex_ulps : row.ulps;
        require_matches(row.call(lazy), dense::elementwise(row.name, dense), {.ulps = ulps});
      }
    }
  }
}

TEST_CASE("elementwise: dtypes that a function does not take are refused when the expression is built",
          "[ops]") {
  for (const ElementwiseCase& row : elementwise_cases()) {
    for (const DType dtype : kAllDTypes) {
      if (row.kinds.find(kind_letter(dtype)) != std::string_view::npos) continue;
      INFO(row.name << " of " << name_of(dtype));
      const Array x = in_memory(Dense(dtype, {2}));
      const std::vector<Operand> operands(static_cast<std::size_t>(row.arity), x);
      std::string message;
      try {
        (void)row.call(operands);
      } catch (const DTypeError& error) {
        message = error.what();
      }
      CHECK_THAT(message,
                 Catch::Contains(std::string(row.name)) && Catch::Contains(std::string(name_of(dtype))));
    }
  }
}

TEST_CASE("elementwise: by name, of as many operands as the function has", "[ops]") {
  const Array x = in_memory(dense::scalar(DType::float64, 2.25L));
  CHECK(to_vector<double>(elementwise("sqrt", x)) == std::vector<double>{1.5});
  CHECK(to_vector<double>(elementwise("add", x, 1)) == std::vector<double>{3.25});
  CHECK_THROWS_WITH(elementwise("add", x), Catch::Contains("no elementwise function 'add' of 1 operand"));
  CHECK_THROWS_AS(elementwise("sum", x), ArgumentError);
}

TEST_CASE("elementwise: empty and 0-d operands work", "[ops]") {
  const Dense one = dense::scalar(DType::float32, 2.25L);
  require_matches(sqrt(in_memory(one)), dense::elementwise("sqrt", {one}));
  const Dense none(DType::float32, {3, 0});
  require_matches(add(in_memory(none), in_memory(one)), dense::elementwise("add", {none, one}));
}

// The expected values are those of numpy.round.
TEST_CASE("round: to decimals, as NumPy does", "[ops]") {
  const std::vector<double> values = {0.15, 0.25, 2.675, -1.005, 12345.678, -0.04, 1e300, INFINITY};
  const auto rounded = [&](std::int64_t decimals) {
    return to_vector<double>(round(from_values(values, {8}), decimals));
  };
  CHECK(rounded(1) == std::vector<double>{0.2, 0.2, 2.7, -1.0, 12345.7, -0.0, 1e300, INFINITY});
  CHECK(rounded(2) == std::vector<double>{0.15, 0.25, 2.68, -1.0, 12345.68, -0.04, 1e300, INFINITY});
  CHECK(rounded(-2) == std::vector<double>{0, 0, 0, 0, 12300, 0, 1e300, INFINITY});
  const std::vector<std::int64_t> whole = {12345, -12350, 49, 50, -150};
  CHECK(to_vector<std::int64_t>(round(from_values(whole, {5}), -2)) ==
        std::vector<std::int64_t>{12300, -12400, 0, 0, -200});
  CHECK(to_vector<std::int64_t>(round(from_values(whole, {5}), 3)) == whole);
  CHECK(round(astype(from_values(values, {8}), DType::float32), 1).dtype() == DType::float32);
  CHECK_THROWS_WITH(round(from_values(values, {8}), 400), Catch::Contains("decimals"));
}

// The expected values are those of numpy.round.
TEST_CASE("round: complex numbers part by part, to decimals too", "[ops]") {
  using Complex = std::complex<double>;
  const std::vector<Complex> values = {{1.55, 2.45}, {-0.5, 1.5}, {INFINITY, 12.34}, {155, 245}};
  const auto rounded = [&](std::int64_t decimals) {
    return to_vector<Complex>(round(from_values(values, {4}), decimals));
  };
  CHECK(rounded(0) == std::vector<Complex>{{2, 2}, {-0.0, 2}, {INFINITY, 12}, {155, 245}});
  CHECK(rounded(1) == std::vector<Complex>{{1.6, 2.4}, {-0.5, 1.5}, {INFINITY, 12.3}, {155, 245}});
  CHECK(rounded(-1) == std::vector<Complex>{{0, 0}, {-0.0, 0}, {INFINITY, 10}, {160, 240}});
  const Array narrow = astype(from_values(values, {4}), DType::complex64);
  CHECK(round(narrow, 1).dtype() == DType::complex64);
  CHECK_THROWS_AS(floor(narrow), DTypeError);
}

TEST_CASE("where: chooses and broadcasts, and promotes the two values", "[ops]") {
  std::mt19937_64 random(7);
  const Dense condition = random_values(DType::boolean, {4, 1, 3}, {}, random);
  for (const auto& [left, right] : {std::pair{DType::float32, DType::float32},
                                    {DType::int16, DType::uint16},
                                    {DType::float16, DType::float16},
                                    {DType::boolean, DType::complex64},
                                    {DType::int64, DType::int64}}) {
    const Dense x = random_values(left, {5, 3}, {.specials = true}, random);
    const Dense y = random_values(right, {}, {}, random);
    require_matches(where(chunked(condition, {2, 1, 2}), chunked(x, {2, 2}), in_memory(y)),
                    dense::elementwise("where", {condition, x, y}), {.any_zero = false});
  }
  CHECK_THROWS_AS(where(in_memory(Dense(DType::int8, {2})), 1.0, 2.0), DTypeError);
}

TEST_CASE("clip: each bound may be absent, a scalar or an array, and x keeps its dtype", "[ops]") {
  std::mt19937_64 random(8);
  const double inf = std::numeric_limits<double>::infinity();
  for (const DType dtype : {DType::int8, DType::uint64, DType::float16, DType::float32, DType::float64}) {
    DYNAMIC_SECTION(name_of(dtype)) {
      const Dense x = random_values(dtype, {6, 5}, {.low = 0, .high = 20, .specials = true}, random);
      const Dense low = random_values(dtype, {5}, {.low = 0, .high = 9}, random);
      const Dense high = random_values(dtype, {6, 1}, {.low = 9, .high = 15}, random);
      const Array lazy = chunked(x, {4, 2});
      const Dense least = is_integer(dtype)
                              ? dense::cast(-inf, DType::float64, dtype).real() == 0
                                    ? dense::scalar(dtype, 0)
                                    : dense::scalar(dtype, dense::cast(-inf, DType::float64, dtype))
                              : dense::scalar(dtype, -inf);
      const Dense most = is_integer(dtype) ? dense::scalar(dtype, dense::cast(inf, DType::float64, dtype))
                                           : dense::scalar(dtype, inf);
      require_matches(clip(lazy, in_memory(low), in_memory(high)),
                      dense::elementwise("clip", {x, low, high}));
      require_matches(clip(lazy, 3), dense::elementwise("clip", {x, dense::scalar(dtype, 3), most}));
      require_matches(clip(lazy, {}, 12), dense::elementwise("clip", {x, least, dense::scalar(dtype, 12)}));
      require_matches(clip(lazy, 3, in_memory(high)),
                      dense::elementwise("clip", {x, dense::scalar(dtype, 3), high}));
      require_matches(clip(lazy), x);
    }
  }
}

TEST_CASE("isclose: tolerances are relative to the second operand; NaN only on request", "[ops]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  Dense x(DType::float64, {8}), y(DType::float64, {8});
  x.values = {1.0, 1.0, 0.0, nan, inf, inf, -inf, 100.0};
  y.values = {1.000001, 1.1, 1e-9, nan, inf, -inf, 1.0, 109.0};
  for (const IsCloseOptions& options :
       {IsCloseOptions{}, IsCloseOptions{.rtol = 0.1, .atol = 0, .equal_nan = true}}) {
    const Dense expected =
        dense::elementwise("isclose", {x, y, dense::scalar(DType::float64, options.rtol),
                                       dense::scalar(DType::float64, options.atol),
                                       dense::scalar(DType::boolean, options.equal_nan ? 1 : 0)});
    require_matches(isclose(chunked(x, {3}), chunked(y, {5}), options), expected);
  }
}

TEST_CASE("nan_to_num: replaces NaN and infinities, leaves integers", "[ops]") {
  std::mt19937_64 random(9);
  for (const DType dtype : {DType::float16, DType::float32, DType::float64, DType::int32, DType::complex64}) {
    DYNAMIC_SECTION(name_of(dtype)) {
      const Dense x = random_values(dtype, {40}, {.specials = true}, random);
      if (is_integer(dtype)) {
        require_matches(nan_to_num(chunked(x, {7})), x);
        continue;
      }
      const DType real = real_of(dtype);
      const auto with = [&](dense::Real nan, dense::Real most, dense::Real least) {
        return dense::elementwise("nan_to_num", {x, dense::scalar(real, nan), dense::scalar(real, most),
                                                 dense::scalar(real, least)});
      };
      require_matches(nan_to_num(chunked(x, {7})), with(0, dense::largest(dtype), -dense::largest(dtype)));
      require_matches(nan_to_num(chunked(x, {7}), {.nan = 7, .posinf = 8, .neginf = 9}), with(7, 8, 9));
    }
  }
}

}  // namespace
}  // namespace varve::test
