#include <catch2/catch.hpp>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/elementwise.hpp"

namespace varve::test {
namespace {

TEST_CASE("astype: every pair of dtypes, with values that overflow, wrap and round", "[ops]") {
  std::mt19937_64 random(21);
  for (const DType from : kAllDTypes) {
    std::vector<Array> lazy;
    std::vector<dense::Dense> expected;
    for (const DType to : kAllDTypes) {
      const dense::Dense x =
          random_values(from, {61}, {.low = -70000, .high = 70000, .specials = true}, random);
      lazy.push_back(astype(chunked(x, {8}), to));
      expected.push_back(dense::astype(x, to));
    }
    const auto bytes = bytes_under({64_MiB, 2}, lazy);
    for (std::size_t i = 0; i < lazy.size(); ++i) {
      INFO(name_of(from) << " to " << name_of(kAllDTypes[i]));
      REQUIRE(lazy[i].dtype() == kAllDTypes[i]);
      const dense::Dense actual = dense::from_view({bytes[i].data(), expected[i].dtype, expected[i].shape});
      CHECK(difference(actual, expected[i], {.ulps = 0, .absolute = 0, .any_zero = false}).value_or("") ==
            "");
    }
  }
}

TEST_CASE("astype: a chain of casts rounds at every step", "[ops]") {
  std::mt19937_64 random(22);
  const dense::Dense x = random_values(DType::float64, {200}, {.low = -300, .high = 300}, random);
  const Array lazy = chunked(x, {17});
  require_matches(
      astype(astype(astype(lazy, DType::float16), DType::float64), DType::int8),
      dense::astype(dense::astype(dense::astype(x, DType::float16), DType::float64), DType::int8));
  require_matches(astype(astype(lazy, DType::uint8), DType::int8),
                  dense::astype(dense::astype(x, DType::uint8), DType::int8));
}

}  // namespace
}  // namespace varve::test
