#pragma once

#include <string>
#include <variant>
#include <vector>

#include "varve/array.hpp"

namespace varve::catalogue {

struct None {};

struct Value;

/// A tuple or a list of values.
struct ValueSequence {
  bool is_tuple = true;
  std::vector<Value> items;
};

/// What an expression evaluates to, before anything is computed.
struct Value {
  using Form = std::variant<None, Scalar, Array, DType, std::string, ValueSequence, Slice, Ellipsis>;
  Form form;

  template <class T>
  [[nodiscard]] const T* get() const noexcept {
    return std::get_if<T>(&form);
  }
  [[nodiscard]] bool is_none() const noexcept { return std::holds_alternative<None>(form); }
};

/// Says what a value is, for messages: "the number 3", "an array of shape (2, 3) and dtype float32".
[[nodiscard]] std::string describe(const Value& value);

/// Makes an array of a number, or of nested sequences of numbers; an array stays itself.
/// Errors: ExpressionError if the value is of another kind, or the nesting is ragged.
[[nodiscard]] Array to_array(const Value& value);

}  // namespace varve::catalogue
