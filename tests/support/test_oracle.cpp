#include <catch2/catch.hpp>

#include "support/dense.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"

// The oracle against files that NumPy wrote (tests/data/make_oracle_fixtures.py).
namespace varve::test {
namespace {

using dense::Dense;

Dense fixture(const std::string& name) { return read_npy(VARVE_TEST_DATA "/oracle/" + name + ".npy"); }

void check(const Dense& actual, const std::string& name, const Tolerance& tolerance = {}) {
  INFO(name);
  INFO(difference(actual, fixture(name), tolerance).value_or("matches"));
  CHECK_FALSE(difference(actual, fixture(name), tolerance).has_value());
}

// NumPy's sums run in another order and precision.
constexpr Tolerance kFloatSum{.ulps = 4, .absolute = 1e-5};

TEST_CASE("oracle: promotion table is NumPy's", "[support]") {
  const Dense table = fixture("promotion");
  for (std::int64_t left = 0; left < kDTypeCount; ++left) {
    for (std::int64_t right = 0; right < kDTypeCount; ++right) {
      const auto expected = static_cast<std::size_t>(table.at({left, right}).real());
      CHECK(dense::promote(kAllDTypes[static_cast<std::size_t>(left)],
                           kAllDTypes[static_cast<std::size_t>(right)]) == kAllDTypes[expected]);
    }
  }
}

TEST_CASE("oracle: casts are NumPy's", "[support]") {
  for (const DType to : {DType::float16, DType::float32, DType::complex64, DType::boolean}) {
    check(dense::astype(fixture("cast_from_float64"), to), "cast_float64_to_" + std::string(name_of(to)),
          {.ulps = 0, .absolute = 0, .any_zero = false});
  }
  for (const DType to :
       {DType::int8, DType::uint16, DType::uint64, DType::float32, DType::float64, DType::boolean}) {
    check(dense::astype(fixture("cast_from_int64"), to), "cast_int64_to_" + std::string(name_of(to)));
  }
}

TEST_CASE("oracle: casts of what does not fit saturate", "[support]") {
  const auto to_int = [](double value, DType to) { return dense::cast(value, DType::float64, to).real(); };
  CHECK(to_int(300.7, DType::int8) == 127);
  CHECK(to_int(-1.0, DType::uint16) == 0);
  CHECK(to_int(1e300, DType::uint64) == 18446744073709551615.0L);
  CHECK(to_int(-1e300, DType::int64) == -9223372036854775808.0L);
  CHECK(to_int(std::numeric_limits<double>::quiet_NaN(), DType::int32) == 0);
}

TEST_CASE("oracle: elementwise functions are NumPy's", "[support]") {
  const Dense a = fixture("int8_a"), b = fixture("int8_b");
  for (const char* name : {"add", "subtract", "multiply", "floor_divide", "remainder", "fmod", "maximum",
                           "bitwise_xor", "less", "logical_and", "divide"}) {
    check(dense::elementwise(name, {a, b}), std::string("int8_") + name);
  }
  const Dense x = fixture("float32_x"), y = fixture("float32_y");
  for (const char* name : {"floor_divide", "remainder", "fmod", "maximum", "fmin", "copysign"}) {
    check(dense::elementwise(name, {x, y}), std::string("float32_") + name);
  }
  for (const char* name : {"hypot", "logaddexp"}) {
    check(dense::elementwise(name, {x, y}), std::string("float32_") + name, {.ulps = 1});
  }
  for (const char* name : {"sign", "isnan", "signbit", "sqrt"}) {
    check(dense::elementwise(name, {x}), std::string("float32_") + name);
  }
  for (const char* name : {"exp", "log1p", "deg2rad"}) {
    check(dense::elementwise(name, {x}), std::string("float32_") + name, {.ulps = 2});
  }
  check(dense::elementwise("round", {x}), "float32_rint");
  check(dense::elementwise("atan", {x}), "float32_arctan", {.ulps = 2});
  const Dense most = dense::scalar(DType::float32, dense::largest(DType::float32));
  const Dense least = dense::scalar(DType::float32, -dense::largest(DType::float32));
  check(dense::elementwise("nan_to_num", {x, dense::scalar(DType::float32, 0), most, least}),
        "float32_nan_to_num");
  check(dense::elementwise("clip", {x, dense::scalar(DType::float32, -1), dense::scalar(DType::float32, 2)}),
        "float32_clip");
  const Dense moved =
      dense::elementwise("add", {x, dense::astype(dense::scalar(DType::float64, 1e-5), DType::float32)});
  check(
      dense::elementwise("isclose", {x, moved, dense::scalar(DType::float64, 1e-5),
                                     dense::scalar(DType::float64, 1e-8), dense::scalar(DType::boolean, 0)}),
      "float32_isclose");
  const Dense z = fixture("complex64_z");
  for (const char* name : {"abs", "conj", "square", "exp", "sqrt", "tanh"}) {
    check(dense::elementwise(name, {z}), std::string("complex64_") + name, {.ulps = 2});
  }
}

TEST_CASE("oracle: reductions are NumPy's", "[support]") {
  const Dense x = fixture("reduce_x");
  for (const std::string name : {"sum", "prod", "min", "max", "mean", "var", "std", "argmin", "argmax"}) {
    check(dense::reduce(name, x), "reduce_" + name + "_all", kFloatSum);
    check(dense::reduce(name, x, {.axes = {{1}}}), "reduce_" + name + "_1", kFloatSum);
  }
  for (const std::string name :
       {"nansum", "nanprod", "nanmin", "nanmax", "nanmean", "nanvar", "nanargmin", "nanargmax"}) {
    check(dense::reduce(name, x, {.axes = {{2}}}), "reduce_" + name + "_2", kFloatSum);
  }
  check(dense::reduce("nanstd", x, {.axes = {{0, 2}}, .keepdims = true, .correction = 1}),
        "reduce_nanstd_correction", kFloatSum);
  check(dense::reduce("count_nonzero", x, {.axes = {{1}}}), "reduce_count_nonzero_1");
  check(dense::reduce("sum", fixture("reduce_i"), {.axes = {{0}}}), "reduce_sum_i");
  check(dense::reduce("prod", fixture("reduce_i"), {.axes = {{1}}}), "reduce_prod_i");
  check(dense::reduce("mean", fixture("reduce_i")), "reduce_mean_i");
}

TEST_CASE("oracle: views are NumPy's", "[support]") {
  const Dense x = fixture("view_x");
  const auto list = [](std::vector<std::int64_t> positions) { return IndexItem(std::move(positions)); };
  check(dense::permute(x, {2, 0, 1}), "view_transpose");
  check(dense::rot90(x, 1, 0, 1), "view_rot90");
  check(dense::rot90(x, 3, 2, 0), "view_rot90_3_20");
  check(dense::flip(x, {0, 2}), "view_flip_02");
  check(dense::diagonal(x, 1, 0, 1), "view_diagonal_1");
  check(dense::diagonal(x, -2, 2, 1), "view_diagonal_m2_21");
  check(dense::take(x, {3, 0, -1, 3}, 1), "view_take");
  check(dense::index(x, {1, ellipsis, newaxis, Slice{4, 0, -2}}), "view_index_slices");
  check(dense::index(x, {Slice{}, list({3, 0, 1}), Slice{1, {}}}), "view_index_list");
  check(dense::index(x, {list({0, 2}), list({1, 3}), Slice{}}), "view_index_lists");
  check(dense::index(x, {list({0, 2}), Slice{1, {}}, list({1, 3})}), "view_index_lists_apart");
  check(dense::index(x, {1, Slice{}, list({4, 0})}), "view_index_integer_and_list");
}

}  // namespace
}  // namespace varve::test
