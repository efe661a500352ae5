#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "varve/core/dtype.hpp"

namespace varve::cli {

/// Chooses one format for a set of floating-point numbers, by the rules of NumPy's default printing: with
/// exponents if the numbers are large, small, or of very different size; as many digits as the longest of
/// them needs, at most 8.
class FloatColumn {
 public:
  /// `precision` is the dtype of the numbers; `signs` writes a + before positive ones.
  FloatColumn(const std::vector<double>& values, DType precision, bool signs);

  /// Returns the text of one of the numbers, padded to the width of the column.
  [[nodiscard]] std::string text(double value) const;

 private:
  void measure(const std::string& text);
  [[nodiscard]] std::string finite_text(double value) const;
  [[nodiscard]] std::string with_sign(double value, std::string text) const;

  DType precision_;
  bool signs_;
  bool exponents_ = false;
  std::int64_t digits_ = 8;          // at most, after the point
  std::int64_t left_ = 0;            // width before the point
  std::int64_t right_ = 0;           // width after it, including the exponent
  std::int64_t exponent_width_ = 0;  // digits of the exponent
};

}  // namespace varve::cli
