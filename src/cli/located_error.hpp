#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "varve/core/error.hpp"

namespace varve::cli {

/// An ExpressionError that knows the byte of the expression's text it is about.
class LocatedError : public ExpressionError {
 public:
  LocatedError(std::int64_t position, const std::string& message)
      : ExpressionError(message), position_(position) {}

  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

 private:
  std::int64_t position_;
};

/// Appends the text (the part around `position`, if it is long) and a line with a caret below that position.
[[nodiscard]] std::string with_caret(std::string_view message, std::string_view text, std::int64_t position);

}  // namespace varve::cli
