#include <catch2/catch.hpp>
#include <numeric>

#include "cli/evaluate.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::cli;
using catalogue::Value;
using catalogue::ValueSequence;

namespace {

Names inputs() {
  std::vector<double> values(12);
  std::iota(values.begin(), values.end(), 0.0);
  return {{"x", from_values(values, {3, 4})}, {"n", from_values<std::int64_t>({5, 6, 7}, {3})}};
}

Array array_of(const std::string& text) {
  const Value value = evaluate(text, inputs());
  REQUIRE(value.get<Array>() != nullptr);
  return *value.get<Array>();
}

std::string error_of(const std::string& text) {
  try {
    (void)evaluate(text, inputs());
  } catch (const ExpressionError& error) {
    return error.what();
  }
  return "no error";
}

void check_error(const std::string& text, const std::string& part, std::size_t caret) {
  INFO(text);
  const std::string error = error_of(text);
  INFO(error);
  CHECK(error.find(part) != std::string::npos);
  CHECK(error.ends_with("\n  " + text + "\n  " + std::string(caret, ' ') + "^"));
}

}  // namespace

TEST_CASE("evaluate: constants fold to Python numbers", "[cli]") {
  CHECK(describe(evaluate("2 ** 3 + 1", {})) == "the number 9");
  CHECK(describe(evaluate("7 // 2 * 1.5", {})) == "the number 4.5");
  CHECK(describe(evaluate("not_equal", {{"not_equal", Array()}})).find("an array") == 0);
  CHECK(describe(evaluate("True", {})) == "True");
  CHECK(describe(evaluate("1 < 2", {})) == "True");
  CHECK(describe(evaluate("(1, 2, 3)[-1]", {})) == "the number 3");
  CHECK(describe(evaluate("float32", {})) == "the dtype float32");
  CHECK(evaluate("None", {}).is_none());
}

TEST_CASE("evaluate: shapes and dtypes follow NumPy", "[cli]") {
  struct Case {
    const char* text;
    Shape shape;
    DType dtype;
  };
  const Case cases[] = {
      {"x + 1", {3, 4}, DType::float64},
      {"-x", {3, 4}, DType::float64},
      {"n[:, None] * x", {3, 4}, DType::float64},
      {"n // 2", {3}, DType::int64},
      {"x > 3", {3, 4}, DType::boolean},
      {"(x > 3) & ~(x > 5)", {3, 4}, DType::boolean},
      {"mean(x, axis=0)", {4}, DType::float64},
      {"mean(x, (0, 1), True)", {1, 1}, DType::float64},
      {"x.mean(axis=-1, keepdims=True)", {3, 1}, DType::float64},
      {"np.sum(n)", {}, DType::int64},
      {"x.T", {4, 3}, DType::float64},
      {"rot90(x, axes=None)", {4, 3}, DType::float64},
      {"x.T.mT.real", {3, 4}, DType::float64},
      {"x[1:, ::-2]", {2, 2}, DType::float64},
      {"x[..., 0]", {3}, DType::float64},
      {"x[None, [0, 2, 0]]", {1, 3, 4}, DType::float64},
      {"x[(0, 1)]", {}, DType::float64},
      {"x.astype('float32')", {3, 4}, DType::float32},
      {"astype(x, float32)", {3, 4}, DType::float32},
      {"x.astype(float32) + 1", {3, 4}, DType::float32},
      {"where(x > 3, x, nan)", {3, 4}, DType::float64},
      {"clip(x, max=3)", {3, 4}, DType::float64},
      {"std(x, ddof=1)", {}, DType::float64},
      {"power(n, 2)", {3}, DType::int64},
      {"transpose(x, (1, 0))", {4, 3}, DType::float64},
      {"zeros((2, 3), dtype='int8')", {2, 3}, DType::int8},
      {"arange(10)", {10}, DType::int64},
      {"arange(1, 2, 0.25)", {4}, DType::float64},
      {"n * [1, 2, 3]", {3}, DType::int64},
      {"asarray([[True], [False]])", {2, 1}, DType::boolean},
      {"full_like(x, 7)", {3, 4}, DType::float64},
      {"broadcast_arrays(x, n[:, None])[1]", {3, 4}, DType::int64},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Array array = array_of(c.text);
    CHECK(array.shape() == c.shape);
    CHECK(array.dtype() == c.dtype);
  }
}

TEST_CASE("evaluate: errors name the function, its signature and the place", "[cli]") {
  check_error("1 + maen(x)", "unknown function 'maen'; did you mean 'mean'?", 4);
  check_error("xx + 1", "unknown name 'xx'; did you mean 'x'?", 0);
  check_error("mean", "'mean' is a function; call it", 0);
  check_error("x(1)", "'x' is an array, not a function", 0);
  check_error("mean(x, axes=0)",
              "did you mean 'axis'?; its signature is mean(x, axis=None, keepdims=False, dtype=None)", 13);
  check_error("mean(x, axis=1.5)",
              "the argument 'axis' must be an integer or a tuple of integers, not the number 1.5", 13);
  check_error("mean(x, 0, False, None, 1)", "takes at most 4 arguments", 24);
  check_error("mean()", "the argument 'x' is missing", 0);
  check_error("mean(x, x=x)", "the argument 'x' is given twice", 10);
  check_error("x @ x[0, :1]", "matmul", 2);
  check_error("1 + 2 // 0", "division by zero", 6);
  check_error("1 + x[0, 1, 2]", "", 5);
  check_error("x + mean(x, axis=2)", "", 4);
  check_error("x + n", "", 2);
  check_error("x[x[0] > 1, 0]", "mask", 1);
  check_error("x.shape", "unknown attribute 'shape'", 2);
  check_error("x + 'a'", "does not take the string 'a'", 2);
  check_error("(1,) * 3", "does not take a tuple of 1", 5);
  check_error("-[1]", "does not take a list of 1", 0);
  check_error("x[::0]", "cannot be 0", 4);
  check_error("asarray([[1], [2, 3]])", "same length", 0);
  check_error("x.astype('flot32')", "must be a dtype", 9);
  check_error("percentile(arange(5), 150)",
              "percentile: q = 150 is not between 0 and 100; its signature is percentile(x, q, axis=None",
              22);
  check_error("quantile(x, n > 5)", "the argument 'q' must be a real number, or an array of them", 14);
  check_error(
      "tensordot(x, x, axes=asarray(1))",
      "the argument 'axes' must be an integer, or a tuple of two integers or tuples of them, not an array",
      21);
}

TEST_CASE("evaluate: messages name what to write instead", "[cli]") {
  check_error("x ^ 2", "write ** for a power", 2);
  check_error("1.5 ^ 2", "write ** for a power", 4);
  check_error("x && x", "write & for arrays", 3);
  check_error("x || x", "write | for arrays", 3);
  check_error("!x", "write ~ for not", 0);
  check_error("x & x > 1", "binds tighter than comparisons", 2);
  check_error("x + NaN", "did you mean 'nan'?", 4);
  check_error("Inf", "did you mean 'inf'?", 0);
  check_error("concat(x, x)", "takes its arrays as one list: concat([x, y])", 7);
  check_error("x[x > 1, x < 5]", "x[m1 & m2] for where both hold", 1);
  check_error("isin(x, 1)", "unknown function 'isin'; write (x == a) | (x == b)", 0);
  check_error("np.linalg.norm(x)", "unknown function 'norm'; write sqrt(", 10);
  check_error("y + 1", "an array comes in with -i y=PATH; there are: n, x", 0);
  check_error("random.normal", "'random.normal' is a function; call it", 7);
  check_error("round(x, 400)", "decimals must lie in", 0);
  for (const char* text : {"isin(x)", "norm(x)", "print(x)", "foo + 1"}) {
    INFO(text);
    CHECK(error_of(text).find("did you mean") == std::string::npos);
  }
}

TEST_CASE("evaluate: axes without names say so", "[cli]") {
  check_error("mean(x, axis='time')", "no axis of the array is called 'time'; its axes have no names", 13);
  check_error("x.sum(('time', 0))", "count them from 0", 6);
}
