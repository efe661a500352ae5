#pragma once

#include <cstdint>

#include "varve/core/error.hpp"

namespace varve {

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

}  // namespace varve
