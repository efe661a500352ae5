#include <catch2/catch.hpp>
#include <limits>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/reductions.hpp"
#include "varve/scans.hpp"

namespace varve::test {
namespace {

using dense::Dense;

TEST_CASE("promotion: every pair of dtypes gives NumPy's, either way round", "[ops]") {
  for (const DType left : kAllDTypes) {
    for (const DType right : kAllDTypes) {
      INFO(name_of(left) << " with " << name_of(right));
      const DType expected = dense::promote(left, right);
      CHECK(promote_types(left, right) == expected);
      const Array x = in_memory(Dense(left, {2})), y = in_memory(Dense(right, {2}));
      CHECK(add(x, y).dtype() == expected);
      CHECK(add(y, x).dtype() == expected);
      CHECK(where(in_memory(Dense(DType::boolean, {2})), x, y).dtype() == expected);
    }
  }
}

TEST_CASE("promotion: the values of mixed operands are converted before the operation", "[ops]") {
  std::mt19937_64 random(11);
  for (const DType left : kAllDTypes) {
    std::vector<Array> lazy;
    std::vector<Dense> dense;
    for (const DType right : kAllDTypes) {
      const Dense x = random_values(left, {9}, {.low = -50, .high = 50}, random);
      const Dense y = random_values(right, {9}, {.low = -50, .high = 50}, random);
      lazy.push_back(multiply(chunked(x, {4}), in_memory(y)));
      dense.push_back(dense::elementwise("multiply", {x, y}));
    }
    const auto bytes = bytes_under({64_MiB, 2}, lazy);
    for (std::size_t i = 0; i < lazy.size(); ++i) {
      INFO(name_of(left) << " with " << name_of(kAllDTypes[i]));
      const Dense actual = dense::from_view({bytes[i].data(), dense[i].dtype, dense[i].shape});
      CHECK(difference(actual, dense[i], {.ulps = 2}).value_or("") == "");
    }
  }
}

// What an array becomes next to a Python-like number (NumPy 2, NEP 50).
struct WeakCase {
  DType array;
  Scalar scalar;
  DType expected;
};

TEST_CASE("promotion: scalars are weak", "[ops]") {
  const WeakCase cases[] = {
      {DType::int8, 3, DType::int8},
      {DType::uint8, true, DType::uint8},
      {DType::boolean, 2, DType::int64},
      {DType::boolean, 0.5, DType::float64},
      {DType::int16, 0.5, DType::float64},
      {DType::int32, std::complex<double>(1, 2), DType::complex128},
      {DType::float16, 2, DType::float16},
      {DType::float16, 0.1, DType::float16},
      {DType::float32, 0.1, DType::float32},
      {DType::float32, 3000000000U, DType::float32},
      {DType::float32, std::complex<double>(0, 1), DType::complex64},
      {DType::float64, std::complex<double>(0, 1), DType::complex128},
      {DType::complex64, 0.1, DType::complex64},
      {DType::uint64, 18446744073709551615U, DType::uint64},
  };
  std::mt19937_64 random(12);
  for (const WeakCase& item : cases) {
    DYNAMIC_SECTION(name_of(item.array) << " with " << to_string(item.scalar)) {
      const Dense x = random_values(item.array, {5}, {.low = 0, .high = 20}, random);
      std::vector<std::byte> bytes(static_cast<std::size_t>(size_bytes(item.expected)));
      item.scalar.store(item.expected, bytes.data());
      const Dense value = dense::scalar(item.expected, dense::load(item.expected, bytes.data()));
      require_matches(add(in_memory(x), item.scalar), dense::elementwise("add", {x, value}));
      require_matches(multiply(item.scalar, in_memory(x)), dense::elementwise("multiply", {value, x}),
                      {.ulps = 2});
    }
  }
}

TEST_CASE("promotion: an integer that the array's dtype cannot hold is refused", "[ops]") {
  const Array x = in_memory(Dense(DType::int8, {2}));
  CHECK_THROWS_AS(add(x, 200), DTypeError);
  CHECK_THROWS_AS(add(in_memory(Dense(DType::uint16, {2})), -1), DTypeError);
  CHECK_THROWS_WITH(x + 200, Catch::Contains("200") && Catch::Contains("int8"));
}

TEST_CASE("promotion: the order of scalars does not matter", "[ops]") {
  const std::vector<std::int8_t> values = {-3, 2, 100};
  const Array x = from_values(values, {3});
  CHECK(clip(x, 2.5, 300).dtype() == DType::float64);
  CHECK(clip(x, 300, 2.5).dtype() == DType::float64);
  CHECK(to_vector<double>(clip(x, -300, 2.5)) == std::vector<double>{-3, 2, 2.5});
  CHECK(to_vector<double>(clip(x, -2.5, 300)) == std::vector<double>{-2.5, 2, 100});
  CHECK_THROWS_AS(clip(x, -300, 2), DTypeError);
}

TEST_CASE("comparisons: int64 beside uint64 is compared as integers, not as float64", "[ops]") {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;  // float64 does not hold the next one
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> signed_values = {kExact + 1, kExact, -1,        0,
                                                   kMax,       kMax,   -kMax - 1, kMax - 1};
  const std::vector<std::uint64_t> unsigned_values = {
      1ULL << 53, (1ULL << 53) + 1, ~0ULL, 0, 1ULL << 63, (1ULL << 63) - 1, 1ULL << 63, (1ULL << 63) - 1};
  const Array x = from_values(signed_values, {8});
  const Array y = from_values(unsigned_values, {8});
  using Flags = std::vector<bool>;
  const auto flags = [](const Array& array) { return to_vector<bool>(array); };
  CHECK(flags(x == y) == Flags{0, 0, 0, 1, 0, 1, 0, 0});
  CHECK(flags(y != x) == Flags{1, 1, 1, 0, 1, 0, 1, 1});
  CHECK(flags(x < y) == Flags{0, 1, 1, 0, 1, 0, 1, 1});
  CHECK(flags(x <= y) == Flags{0, 1, 1, 1, 1, 1, 1, 1});
  CHECK(flags(x > y) == Flags{1, 0, 0, 0, 0, 0, 0, 0});
  CHECK(flags(y > x) == Flags{0, 1, 1, 0, 1, 0, 1, 1});
  CHECK(flags(y <= x) == Flags{1, 0, 0, 1, 0, 1, 0, 0});
  CHECK(flags(less(Scalar(-1), Scalar(~0ULL))) == Flags{1});
  // The promoted dtype stays what it is.
  CHECK(maximum(x, y).dtype() == DType::float64);
}

TEST_CASE("comparisons: integers of any two dtypes, with extremes, compare exactly", "[ops]") {
  std::mt19937_64 random(14);
  for (const DType left : kAllDTypes) {
    if (!is_integer(left)) continue;
    for (const DType right : {DType::int8, DType::int64, DType::uint64}) {
      const Dense x = random_values(left, {40, 1}, {.low = -3, .high = 3, .specials = true}, random);
      const Dense y = random_values(right, {40}, {.low = -3, .high = 3, .specials = true}, random);
      for (const auto& [name, function] :
           std::initializer_list<std::pair<const char*, Array (*)(const Operand&, const Operand&)>>{
               {"equal", equal},
               {"not_equal", not_equal},
               {"less", less},
               {"less_equal", less_equal},
               {"greater", greater},
               {"greater_equal", greater_equal}}) {
        INFO(name << " of " << name_of(left) << " and " << name_of(right));
        require_matches(function(chunked(x, {7, 1}), chunked(y, {11})), dense::elementwise(name, {x, y}));
      }
    }
  }
}

TEST_CASE("comparisons: an integer beyond the array's dtype is above or below all of it", "[ops]") {
  using Flags = std::vector<bool>;
  const std::vector<std::int64_t> values = {std::numeric_limits<std::int64_t>::max(), -5};
  const Array x = from_values(values, {2});
  CHECK(to_vector<bool>(x < ~0ULL) == Flags{1, 1});
  CHECK(to_vector<bool>(x == ~0ULL) == Flags{0, 0});
  CHECK(to_vector<bool>(~0ULL <= x) == Flags{0, 0});
  const std::vector<std::uint64_t> natural = {0, ~0ULL};
  const Array y = from_values(natural, {2});
  CHECK(to_vector<bool>(y > -1) == Flags{1, 1});
  CHECK(to_vector<bool>(y != -1) == Flags{1, 1});
  const std::vector<std::uint8_t> bytes = {0, 255};
  CHECK(to_vector<bool>(from_values(bytes, {2}) >= 256) == Flags{0, 0});
}

TEST_CASE("pow: a negative power of an integer is an error, when built or when run", "[ops]") {
  const std::vector<std::int64_t> bases = {2, 1, 0, -1};
  const std::vector<std::int64_t> exponents = {3, 0, 1, 2};
  const Array x = from_values(bases, {4});
  CHECK(to_vector<std::int64_t>(pow(x, from_values(exponents, {4}))) ==
        std::vector<std::int64_t>{8, 1, 0, 1});
  CHECK_THROWS_AS(pow(x, -1), DTypeError);
  CHECK_THROWS_AS(pow(x != 0, -1), DTypeError);
  for (const DType dtype : {DType::int8, DType::int16, DType::int32, DType::int64}) {
    for (const std::int64_t at : {0, 4999, 9999}) {
      INFO("exponents of " << name_of(dtype) << ", a negative one at " << at);
      Dense negative(dtype, {10000});
      negative.values[static_cast<std::size_t>(at)] = -1;
      const Array powers = chunked(negative, {3000});
      const Array base = full({10000}, 1, {.dtype = dtype});
      CHECK_THROWS_AS(compute(pow(base, powers)), DomainError);
      CHECK_THROWS_WITH(compute(sum(pow(base, powers))),
                        Catch::Contains("pow") && Catch::Contains("negative"));
      CHECK_THROWS_AS(compute(pow(2, powers)), DomainError);
      CHECK_THROWS_AS(compute(cumulative_sum(pow(base, powers))), DomainError);
      CHECK_THROWS_AS(compute(pow(base, powers(at))), DomainError);
      CHECK_NOTHROW(compute(pow(astype(base, DType::float64), powers)));
      CHECK_NOTHROW(compute(pow(base, maximum(powers, 0))));
    }
  }
  const Dense bytes(DType::uint8, {3});
  CHECK(to_vector<std::uint8_t>(pow(full({3}, 7, {.dtype = DType::uint8}), in_memory(bytes))) ==
        std::vector<std::uint8_t>{1, 1, 1});
}

struct OperatorCase {
  const char* name;
  Array (*by_operator)(const Array&, const Array&);
  Array (*by_function)(const Operand&, const Operand&);
};

#define VARVE_OPERATOR(symbol, function)                                                \
  {                                                                                     \
    #symbol, [](const Array& x, const Array& y) { return x symbol y; }, varve::function \
  }

TEST_CASE("operators: are the functions", "[ops]") {
  const OperatorCase cases[] = {
      VARVE_OPERATOR(+, add),
      VARVE_OPERATOR(-, subtract),
      VARVE_OPERATOR(*, multiply),
      VARVE_OPERATOR(/, divide),
      VARVE_OPERATOR(%, remainder),
      VARVE_OPERATOR(&, bitwise_and),
      VARVE_OPERATOR(|, bitwise_or),
      VARVE_OPERATOR(^, bitwise_xor),
      VARVE_OPERATOR(<<, bitwise_left_shift),
      VARVE_OPERATOR(>>, bitwise_right_shift),
      VARVE_OPERATOR(==, equal),
      VARVE_OPERATOR(!=, not_equal),
      VARVE_OPERATOR(<, less),
      VARVE_OPERATOR(<=, less_equal),
      VARVE_OPERATOR(>, greater),
      VARVE_OPERATOR(>=, greater_equal),
      VARVE_OPERATOR(&&, logical_and),
      VARVE_OPERATOR(||, logical_or),
  };
  std::mt19937_64 random(13);
  const Array x = in_memory(random_values(DType::int32, {20}, {.low = -40, .high = 40}, random));
  const Array y = in_memory(random_values(DType::int32, {20}, {.low = 0, .high = 9}, random));
  for (const OperatorCase& item : cases) {
    INFO(item.name);
    const auto bytes = bytes_under({64_MiB, 1}, {item.by_operator(x, y), item.by_function(x, y)});
    CHECK(item.by_operator(x, y).dtype() == item.by_function(x, y).dtype());
    CHECK(bytes[0] == bytes[1]);
  }
  const auto unary =
      bytes_under({64_MiB, 1}, {-x, negative(x), +x, positive(x), ~x, bitwise_invert(x), !x, logical_not(x)});
  for (std::size_t i = 0; i < unary.size(); i += 2) CHECK(unary[i] == unary[i + 1]);
  const auto mixed =
      bytes_under({64_MiB, 1}, {1 - x, subtract(1, x), x * 3, multiply(x, 3), 2.0 / y, divide(2.0, y)});
  for (std::size_t i = 0; i < mixed.size(); i += 2) CHECK(mixed[i] == mixed[i + 1]);
}

}  // namespace
}  // namespace varve::test
