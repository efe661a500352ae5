#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace varve {

/// The base of every exception that Varve throws. The message names the operation, the operands and the
/// remedy.
class Error : public std::runtime_error {
 public:
  /// Makes an error of its message.
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// The base of what the caller got wrong: arguments that can never work, found before anything is
/// computed, whatever the data and the machine.
class UserError : public Error {
 public:
  using Error::Error;
};

/// Shapes, axes or extents that do not fit the operation.
class ShapeError : public UserError {
 public:
  using UserError::UserError;
};

/// A dtype that the operation does not take.
class DTypeError : public UserError {
 public:
  using UserError::UserError;
};

/// An index out of bounds or a selection that no axis can take.
class IndexError : public UserError {
 public:
  using UserError::UserError;
};

/// An argument that nothing can be done with: an unknown codec, an output whose ending says no
/// format, a name that a file does not have.
class ArgumentError : public UserError {
 public:
  using UserError::UserError;
};

/// Expression text that cannot be parsed, or a name that it uses and nobody defined.
class ExpressionError : public UserError {
 public:
  using UserError::UserError;
};

/// An action on a store that the operating system refused: names the store, the key and the action.
class StorageError : public Error {
 public:
  using Error::Error;
};

/// Bytes that break the rules of their format: corrupt, truncated or of an unknown variant.
class FormatError : public Error {
 public:
  using Error::Error;
};

/// A value, found while running, that an operation is not defined for, as a negative power of an integer.
class DomainError : public Error {
 public:
  using Error::Error;
};

/// A matrix, found while running, that the operation cannot take: singular, rank-deficient, or not positive
/// definite.
class SingularMatrixError : public Error {
 public:
  /// Makes an error of its message and the column.
  SingularMatrixError(const std::string& message, std::int64_t position)
      : Error(message), position_(position) {}
  /// Returns the first column where the matrix fails.
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

 private:
  std::int64_t position_;
};

/// A plan that cannot run inside the memory budget. Thrown when the expression is planned.
class BudgetError : public Error {
 public:
  /// Makes an error of its message and the bytes that would do.
  BudgetError(const std::string& message, long long required_bytes)
      : Error(message), required_bytes_(required_bytes) {}

  /// Returns the smallest budget, in bytes, under which the same plan is accepted.
  [[nodiscard]] long long required_bytes() const noexcept { return required_bytes_; }

 private:
  long long required_bytes_;
};

/// A run that stopped because somebody asked it to (SIGINT, `CancelToken`).
class CancelledError : public Error {
 public:
  using Error::Error;
};

}  // namespace varve
