#pragma once

#include <cstdint>
#include <string_view>

namespace varve::cli {

/// One row of the operator table. Higher precedence binds tighter.
struct Operator {
  std::string_view symbol;
  std::int64_t precedence;
  std::string_view function;  ///< the public function that does the same to arrays
  bool right_associative = false;
};

/// Comparisons all have this precedence, and do not chain.
inline constexpr std::int64_t kComparison = 1;

// Python's precedences. A symbol stands before its own prefixes, so that the first match is the longest.
inline constexpr Operator kBinaryOperators[] = {
    {"**", 9, "pow", true},
    {"*", 7, "multiply"},
    {"@", 7, "matmul"},
    {"//", 7, "floor_divide"},
    {"/", 7, "divide"},
    {"%", 7, "remainder"},
    {"+", 6, "add"},
    {"-", 6, "subtract"},
    {"<<", 5, "bitwise_left_shift"},
    {">>", 5, "bitwise_right_shift"},
    {"&", 4, "bitwise_and"},
    {"^", 3, "bitwise_xor"},
    {"|", 2, "bitwise_or"},
    {"==", kComparison, "equal"},
    {"!=", kComparison, "not_equal"},
    {"<=", kComparison, "less_equal"},
    {"<", kComparison, "less"},
    {">=", kComparison, "greater_equal"},
    {">", kComparison, "greater"},
};

inline constexpr Operator kPrefixOperators[] = {
    {"-", 8, "negative"},
    {"+", 8, "positive"},
    {"~", 8, "bitwise_invert"},
};

/// Returns the row of that symbol; null if there is none.
template <std::size_t N>
[[nodiscard]] constexpr const Operator* find_operator(const Operator (&rows)[N],
                                                      std::string_view symbol) noexcept {
  for (const Operator& row : rows) {
    if (row.symbol == symbol) return &row;
  }
  return nullptr;
}

}  // namespace varve::cli
