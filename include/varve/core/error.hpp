#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace varve {

/// Is the base of every exception that Varve throws. The message names the operation, the operands and the
/// remedy.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// Is the base of what the caller got wrong: arguments that can never work, found before anything is
/// computed, whatever the data and the machine.
class UserError : public Error {
 public:
  using Error::Error;
};

/// Reports shapes, axes or extents that do not fit the operation.
class ShapeError : public UserError {
 public:
  using UserError::UserError;
};

/// Reports a dtype that the operation does not take.
class DTypeError : public UserError {
 public:
  using UserError::UserError;
};

/// Reports an index out of bounds or a selection that no axis can take.
class IndexError : public UserError {
 public:
  using UserError::UserError;
};

/// Reports an argument that nothing can be done with: an unknown codec, an output whose ending says no
/// format, a name that a file does not have.
class ArgumentError : public UserError {
 public:
  using UserError::UserError;
};

/// Reports expression text that cannot be parsed, or a name that it uses and nobody defined.
class ExpressionError : public UserError {
 public:
  using UserError::UserError;
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

/// Reports, while running, a value that an operation is not defined for, as a negative power of an integer.
class DomainError : public Error {
 public:
  using Error::Error;
};

/// Reports, while running, a matrix that the operation cannot take: singular, rank-deficient, or not positive
/// definite.
class SingularMatrixError : public Error {
 public:
  SingularMatrixError(const std::string& message, std::int64_t position)
      : Error(message), position_(position) {}
  /// Returns the first column where the matrix fails.
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

 private:
  std::int64_t position_;
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
