#include <catch2/catch.hpp>

#include "cli/syntax.hpp"
#include "cli/tree_text.hpp"
#include "varve/core/error.hpp"

using namespace varve::cli;

namespace {

struct Case {
  const char* text;
  const char* tree;
};

std::string tree_of(const std::string& text) { return tree_text(parse(text)); }

std::string error_of(const std::string& text) {
  try {
    (void)parse(text);
  } catch (const varve::ExpressionError& error) {
    return error.what();
  }
  return "no error";
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("syntax: operators bind as in Python", "[cli]") {
  const Case cases[] = {
      {"1 + 2 * 3", "(+ 1 (* 2 3))"},
      {"(1 + 2) * 3", "(* (+ 1 2) 3)"},
      {"1 - 2 - 3", "(- (- 1 2) 3)"},
      {"2 ** 3 ** 4", "(** 2 (** 3 4))"},
      {"-2 ** 2", "(- (** 2 2))"},
      {"2 ** -1", "(** 2 (- 1))"},
      {"2 ** -3 ** 2", "(** 2 (- (** 3 2)))"},
      {"-a * b", "(* (- a) b)"},
      {"a ** -b * c", "(* (** a (- b)) c)"},
      {"- - +~a", "(- (- (+ (~ a))))"},
      {"a @ b * c // d % e / f", "(/ (% (// (* (@ a b) c) d) e) f)"},
      {"a | b ^ c & d << 1 + 2", "(| a (^ b (& c (<< d (+ 1 2)))))"},
      {"a >> 1 < b", "(< (>> a 1) b)"},
      {"(a < b) & (c >= d)", "(& (< a b) (>= c d))"},
      {"a == b | c", "(== a (| b c))"},
      {"a != ~b", "(!= a (~ b))"},
      {"a<=b", "(<= a b)"},
      {"a**b.T[0]", "(** a (index (. b T) 0))"},
      {"-x.T", "(- (. x T))"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(tree_of(c.text) == c.tree);
  }
}

TEST_CASE("syntax: calls, subscripts, attributes and displays", "[cli]") {
  const Case cases[] = {
      {"mean(x, axis=(0, 2), keepdims=True)", "(call mean x axis=(tuple 0 2) keepdims=True)"},
      {"f()", "(call f)"},
      {"f(a == b, c = d,)", "(call f (== a b) c=d)"},
      {"x.mean ( axis = 0 ) . T", "(. (call (. x mean) axis=0) T)"},
      {"x[0]", "(index x 0)"},
      {"x[1:, :2, ::-1, :, 1:2:3]",
       "(index x (slice 1 _ _) (slice _ 2 _) (slice _ _ (- 1)) (slice _ _ _) (slice 1 2 3))"},
      {"x[..., None, [1, 2], newaxis]", "(index x ... None (list 1 2) newaxis)"},
      {"x[0][1](2)", "(call (index (index x 0) 1) 2)"},
      {"x[(1, 2)]", "(index x (tuple 1 2))"},
      {"()", "(tuple)"},
      {"(1,)", "(tuple 1)"},
      {"(1)", "1"},
      {"a, b", "(tuple a b)"},
      {"a,", "(tuple a)"},
      {"[]", "(list)"},
      {"[[1, 2], [3, 4],]", "(list (list 1 2) (list 3 4))"},
      {" \t\n x \n", "x"},
      {"x.astype('float32')", "(call (. x astype) 'float32')"},
      {"\"a b\"", "'a b'"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(tree_of(c.text) == c.tree);
  }
}

TEST_CASE("syntax: numbers in Python's spellings", "[cli]") {
  const Case cases[] = {
      {"0", "0"},
      {"00", "0"},
      {"1_000", "1000"},
      {"0x1f", "31"},
      {"0XFF_FF", "65535"},
      {"0b101", "5"},
      {"0o17", "15"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"1.", "1.0"},
      {"1e-3", "0.001"},
      {"1E3", "1000.0"},
      {"1_0.2_5e1", "102.5"},
      {"2j", "(0.0+2.0j)"},
      {"1.5J", "(0.0+1.5j)"},
      {"1e400", "inf"},
      {"1e-400", "0.0"},
      {"9223372036854775807", "9223372036854775807"},
      {"18446744073709551615", "18446744073709551615"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(tree_of(c.text) == c.tree);
  }
  for (const char* text :
       {"2x", "1__0", "1_", "0x", "0xg", "1e", "1.2.3", "0777", "18446744073709551616", "1e5.5"}) {
    INFO(text);
    CHECK_THROWS_AS(parse(text), varve::ExpressionError);
  }
}

TEST_CASE("syntax: errors point at their place", "[cli]") {
  const Case cases[] = {
      {"x + ", "expected a value, found the end\n  x + \n      ^"},
      {"mean(x", "this bracket is never closed\n  mean(x\n      ^"},
      {"a < b < c",
       "comparisons cannot be chained; write (a < b) & (b < c), with the parentheses\n  a < b < c\n        "
       "^"},
      {"x = 3", "expected an operator or the end, found '='; write == to compare\n  x = 3\n    ^"},
      {"f(a=1, 2)", "a positional argument may not follow a keyword argument\n  f(a=1, 2)\n         ^"},
      {"(1]", "expected ',' or ')', found ']'\n  (1]\n    ^"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(error_of(c.text) == c.tree);
  }
}

TEST_CASE("syntax: what is not an expression is refused", "[cli]") {
  const char* const texts[] = {"",          ")",      "x[]",     "x y",         "1 2",        "f(*a)",
                               "x.",        "x.5",    "a and b", "not a",       "f(=3)",      "f(1=2)",
                               "x $ y",     "é",      "'abc",    "'a\\n'",      "x[1:2:3:4]", "a if b else c",
                               "lambda: 1", "(1,,2)", ",",       "f(a=1, a=2)", "a;b",        "x!y"};
  for (const char* text : texts) {
    INFO(text);
    CHECK_THROWS_AS(parse(text), varve::ExpressionError);
  }
}

TEST_CASE("syntax: hostile depth is an error, not a crash", "[cli]") {
  for (const char* open : {"(", "[", "f(", "x[", "-", "2**", "((((", "1+(", "x[f("}) {
    INFO(open);
    CHECK_THROWS_AS(parse(repeated(open, 10000)), varve::ExpressionError);
    CHECK_THROWS_AS(parse(repeated(open, 10000) + "1"), varve::ExpressionError);
  }
  CHECK_THROWS_AS(parse("x" + repeated(".T", 100000)), varve::ExpressionError);
  CHECK_THROWS_AS(parse(repeated("(", 201) + "1" + repeated(")", 201)), varve::ExpressionError);
  CHECK(tree_of(repeated("(", 200) + "1" + repeated(")", 200)) == "1");
  CHECK_NOTHROW(parse("1" + repeated("+1", 100000)));
  CHECK_NOTHROW(parse("x" + repeated("-x*2//3", 100000)));
  CHECK_THROWS_AS(parse("1" + repeated("**1", 10000)), varve::ExpressionError);
  CHECK_NOTHROW(parse("[1" + repeated(",1", 100000) + "]"));
}

TEST_CASE("syntax: names of inputs are identifiers", "[cli]") {
  for (const char* word : {"x", "_", "t2m", "X_1"}) CHECK(is_identifier(word));
  for (const char* word : {"", "1x", "a-b", "None", "and", "é", "a b"}) CHECK_FALSE(is_identifier(word));
}
