#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "cli/expression.hpp"

namespace varve::cli {

/// Writes a syntax tree as nested lists: "(+ 1 (* 2 x))", "(call mean x axis=(tuple 0 2))".
inline std::string tree_text(const ExpressionPtr& expression);

inline std::string tree_text(const std::string& head, const std::vector<ExpressionPtr>& items) {
  std::string text = "(" + head;
  for (const ExpressionPtr& item : items) text += " " + tree_text(item);
  return text + ")";
}

struct TreeWriter {
  std::string operator()(const NumberLiteral& node) const { return to_string(node.value); }
  std::string operator()(const StringLiteral& node) const { return "'" + node.text + "'"; }
  std::string operator()(const Name& node) const { return node.name; }
  std::string operator()(const Dots&) const { return "..."; }
  std::string operator()(const Prefix& node) const {
    return "(" + std::string(node.op->symbol) + " " + tree_text(node.operand) + ")";
  }
  std::string operator()(const Binary& node) const {
    return "(" + std::string(node.op->symbol) + " " + tree_text(node.left) + " " + tree_text(node.right) +
           ")";
  }
  std::string operator()(const Attribute& node) const {
    return "(. " + tree_text(node.object) + " " + node.name + ")";
  }
  std::string operator()(const Call& node) const {
    std::string text = "(call " + tree_text(node.callee);
    for (const Argument& argument : node.arguments) {
      text += " " + (argument.keyword.empty() ? "" : argument.keyword + "=") + tree_text(argument.value);
    }
    return text + ")";
  }
  std::string operator()(const Subscript& node) const {
    return tree_text("index " + tree_text(node.object), node.items);
  }
  std::string operator()(const SliceBounds& node) const {
    return "(slice " + tree_text(node.start) + " " + tree_text(node.stop) + " " + tree_text(node.step) + ")";
  }
  std::string operator()(const TupleDisplay& node) const { return tree_text("tuple", node.items); }
  std::string operator()(const ListDisplay& node) const { return tree_text("list", node.items); }
};

inline std::string tree_text(const ExpressionPtr& expression) {
  return expression ? std::visit(TreeWriter{}, expression->form) : "_";
}

}  // namespace varve::cli
