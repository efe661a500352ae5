#pragma once

#include <array>
#include <string>
#include <vector>

#include "cli/expression.hpp"

namespace varve::cli {

enum class Bracket { none, group, list, call, subscript };

/// Builds the syntax tree from the events of the grammar. Operators are resolved by precedence here, so that
/// the grammar stays flat and its recursion is one level per bracket.
class TreeBuilder {
 public:
  TreeBuilder() { frames_.emplace_back(); }

  void operand(std::int64_t position, Expression::Form form);
  void prefix(std::int64_t position, const Operator* op);
  void binary(std::int64_t position, const Operator* op);
  void attribute(std::int64_t position, std::string name);
  /// Opens a bracket; calls and subscripts take the operand before it.
  void open(std::int64_t position, Bracket bracket);
  /// Ends the innermost bracket, whose value becomes an operand.
  void close();
  void keyword(std::int64_t position, std::string name);
  void colon() { ++frames_.back().colons; }
  void comma() { frames_.back().trailing_comma = true; }
  /// Ends an expression: all its operands and operators are known.
  void end_expression();
  /// Ends an item of the innermost bracket: an element, an argument, or a slice.
  void end_item();

  [[nodiscard]] Bracket bracket() const noexcept { return frames_.back().bracket; }
  /// Returns where the innermost bracket was opened.
  [[nodiscard]] std::int64_t opened_at() const noexcept { return frames_.back().position; }
  /// Returns the whole tree, after the end of the text.
  [[nodiscard]] ExpressionPtr finish();

 private:
  struct PendingOperator {
    const Operator* op;
    std::int64_t position;
    bool is_prefix;
  };
  // The state of one open bracket; the first frame is the text itself.
  struct Frame {
    Bracket bracket = Bracket::none;
    std::int64_t position = 0;
    ExpressionPtr target;  // what is called or subscripted
    std::vector<ExpressionPtr> operands;
    std::vector<PendingOperator> operators;
    std::array<ExpressionPtr, 3> parts;  // of the item: an expression, or start, stop, step
    std::int64_t colons = 0;
    std::string keyword;
    std::vector<Argument> items;
    bool trailing_comma = false;
  };

  void apply_last_operator();
  ExpressionPtr take_operand();
  ExpressionPtr finish_frame(Frame& frame);

  std::vector<Frame> frames_;
};

}  // namespace varve::cli
