#include <catch2/catch.hpp>
#include <limits>

#include "cli/constant_arithmetic.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using cli::fold_binary;
using cli::fold_prefix;

namespace {

struct Case {
  Scalar left;
  const char* symbol;
  Scalar right;
  const char* result;  // what Python prints
};

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("constants: integers, floats and bools as in Python", "[cli]") {
  const Case cases[] = {
      {7, "//", 2, "3"},
      {-7, "//", 2, "-4"},
      {7, "//", -2, "-4"},
      {-7, "%", 3, "2"},
      {7, "%", -3, "-2"},
      {7, "/", 2, "3.5"},
      {4, "/", 2, "2.0"},
      {2, "**", 10, "1024"},
      {2, "**", -1, "0.5"},
      {0, "**", 0, "1"},
      {-1, "**", kMax, "-1"},
      {5.5, "//", 2, "2.0"},
      {-5.5, "//", 2, "-3.0"},
      {-5.5, "%", 2, "0.5"},
      {5.5, "%", -2, "-0.5"},
      {1, "<<", 62, "4611686018427387904"},
      {-5, ">>", 1, "-3"},
      {-5, ">>", 1000, "-1"},
      {6, "&", 3, "2"},
      {6, "|", 3, "7"},
      {6, "^", 3, "5"},
      {-1, "&", 255, "255"},
      {true, "+", true, "2"},
      {true, "&", false, "False"},
      {true, "^", true, "False"},
      {1, "==", 1.0, "True"},
      {1, "<", 2, "True"},
      {2, "<=", 1, "False"},
      {1, "!=", 2, "True"},
      {0.1, "+", 0.2, "0.30000000000000004"},
      {kMax, "+", 1, "9223372036854775808"},
      {kMin, "//", -1, "9223372036854775808"},
      {kMin, "%", -1, "0"},
      {2, "*", 3.0, "6.0"},
  };
  for (const Case& c : cases) {
    INFO(to_string(c.left) << " " << c.symbol << " " << to_string(c.right));
    CHECK(to_string(fold_binary(c.symbol, c.left, c.right)) == c.result);
  }
}

TEST_CASE("constants: complex numbers", "[cli]") {
  const std::complex<double> j(0, 1);
  CHECK(fold_binary("+", 1, Scalar(j)) == Scalar(std::complex<double>(1, 1)));
  CHECK(fold_binary("*", Scalar(j), Scalar(j)) == Scalar(std::complex<double>(-1, 0)));
  CHECK(fold_binary("==", Scalar(j), Scalar(j)) == Scalar(true));
  CHECK(std::holds_alternative<std::complex<double>>(fold_binary("**", -8.0, 0.5).value()));
  CHECK_THROWS_AS(fold_binary("<", Scalar(j), 1), ExpressionError);
}

TEST_CASE("constants: prefix operators", "[cli]") {
  CHECK(fold_prefix("-", 5) == Scalar(-5));
  CHECK(fold_prefix("-", true) == Scalar(-1));
  CHECK(fold_prefix("+", true) == Scalar(1));
  CHECK(fold_prefix("~", 5) == Scalar(-6));
  CHECK(fold_prefix("-", 1.5) == Scalar(-1.5));
  CHECK(fold_prefix("-", Scalar(std::uint64_t{1} << 63)) == Scalar(kMin));
  CHECK_THROWS_AS(fold_prefix("~", 1.5), ExpressionError);
}

TEST_CASE("constants: what Python refuses, or 64 bits cannot hold, is an error", "[cli]") {
  const Case cases[] = {
      {1, "/", 0, ""},      {1, "//", 0, ""},    {1, "%", 0, ""},          {1.0, "/", 0.0, ""},
      {1.0, "//", 0.0, ""}, {1.0, "%", 0.0, ""}, {0, "**", -1, ""},        {kMax, "*", kMax, ""},
      {kMin, "-", 1, ""},   {2, "**", 64, ""},   {10, "**", 10000000, ""}, {1, "<<", 64, ""},
      {1, "<<", -1, ""},    {1.5, "&", 1, ""},   {1.5, "<<", 1, ""},       {1, "@", 1, ""},
      {1, "<<", kMax, ""},
  };
  for (const Case& c : cases) {
    INFO(to_string(c.left) << " " << c.symbol << " " << to_string(c.right));
    CHECK_THROWS_AS(fold_binary(c.symbol, c.left, c.right), ExpressionError);
  }
}
