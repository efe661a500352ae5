#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/operators.hpp"
#include "varve/core/scalar.hpp"

namespace varve::cli {

struct Expression;
/// Destroys trees node by node: a sum of many terms leans further to the left than the stack is deep.
struct ReleaseExpression {
  void operator()(const Expression* expression) const noexcept;
};
using ExpressionPtr = std::unique_ptr<const Expression, ReleaseExpression>;

struct NumberLiteral {
  Scalar value;
};
struct StringLiteral {
  std::string text;
};
struct Name {
  std::string name;
};
struct Dots {};
struct Prefix {
  const Operator* op;
  ExpressionPtr operand;
};
struct Binary {
  const Operator* op;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct Attribute {
  ExpressionPtr object;
  std::string name;
};
struct Argument {
  std::string keyword;  ///< empty for a positional argument
  ExpressionPtr value;
};
struct Call {
  ExpressionPtr callee;
  std::vector<Argument> arguments;
};
struct Subscript {
  ExpressionPtr object;
  std::vector<ExpressionPtr> items;
};
/// A slice `start:stop:step` inside a subscript; absent parts are null.
struct SliceBounds {
  ExpressionPtr start;
  ExpressionPtr stop;
  ExpressionPtr step;
};
struct TupleDisplay {
  std::vector<ExpressionPtr> items;
};
struct ListDisplay {
  std::vector<ExpressionPtr> items;
};

/// One node of the syntax tree of an expression, before any name is looked up.
struct Expression {
  using Form = std::variant<NumberLiteral, StringLiteral, Name, Dots, Prefix, Binary, Attribute, Call,
                            Subscript, SliceBounds, TupleDisplay, ListDisplay>;
  Form form;
  std::int64_t position = 0;  ///< byte of the text to point at
  std::int64_t depth = 1;     ///< levels of nodes, at most kMaxDepth; a chain of left operands is one
};

/// Bounds what recursion over a tree needs of the stack: levels of brackets, and levels of nodes.
inline constexpr std::int64_t kMaxBrackets = 200;
inline constexpr std::int64_t kMaxDepth = 1000;

}  // namespace varve::cli
