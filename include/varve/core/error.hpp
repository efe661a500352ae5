#pragma once

#include <stdexcept>
#include <string>

namespace varve {

/// Is the base of every exception that Varve throws. The message names the operation, the operands and the
/// remedy.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// Reports shapes, axes or extents that do not fit the operation. Thrown when the expression is built.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// Reports a dtype that the operation does not take. Thrown when the expression is built.
class DTypeError : public Error {
 public:
  using Error::Error;
};

/// Reports an index out of bounds or a selection that no axis can take. Thrown when the expression is built.
class IndexError : public Error {
 public:
  using Error::Error;
};

/// Reports expression text that cannot be parsed, or a name that it uses and nobody defined.
class ExpressionError : public Error {
 public:
  using Error::Error;
};

/// Reports that the operating system refused an action on a store: names the store, the key and the action.
class StorageError : public Error {
 public:
  using Error::Error;
};

/// Reports bytes that break the rules of their format: corrupt, truncated or of an unknown variant.
class FormatError : public Error {
 public:
  using Error::Error;
};

/// Reports a plan that cannot run inside the memory budget. Thrown when the expression is planned.
class BudgetError : public Error {
 public:
  BudgetError(const std::string& message, long long required_bytes)
      : Error(message), required_bytes_(required_bytes) {}

  /// Returns the smallest budget, in bytes, under which the same plan is accepted.
  [[nodiscard]] long long required_bytes() const noexcept { return required_bytes_; }

 private:
  long long required_bytes_;
};

/// Reports a run that stopped because somebody asked it to (SIGINT, `CancelToken`).
class CancelledError : public Error {
 public:
  using Error::Error;
};

}  // namespace varve
