#include "cli/float_column.hpp"

#include <algorithm>
#include <cmath>

#include "cli/number_format.hpp"

namespace varve::cli {
namespace {

std::string padding(std::int64_t width) {
  return std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, width)), ' ');
}

std::int64_t width_of(const std::string& text) { return static_cast<std::int64_t>(text.size()); }

bool wants_exponents(const std::vector<double>& values) {
  double largest = 0;
  double smallest = INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value) || value == 0) continue;
    largest = std::max(largest, std::abs(value));
    smallest = std::min(smallest, std::abs(value));
  }
  return largest > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
}

}  // namespace

FloatColumn::FloatColumn(const std::vector<double>& values, DType precision, bool signs)
    : precision_(precision), signs_(signs), exponents_(wants_exponents(values)) {
  for (const double value : values) {
    if (std::isfinite(value)) measure(finite_text(value));
  }
  if (exponents_) {
    digits_ = right_;
    right_ += exponent_width_ + 2;
  }
  const bool finite =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  const bool minus = std::find(values.begin(), values.end(), -INFINITY) != values.end();
  if (!finite) left_ = std::max<std::int64_t>(left_, 3 + (signs_ || minus ? 1 : 0) - right_ - 1);
}

// Widens the column for one number. NumPy measures the point as part of neither side.
void FloatColumn::measure(const std::string& text) {
  const std::string mantissa = text.substr(0, text.find('e'));
  const std::size_t point = mantissa.find('.');
  left_ = std::max(left_, static_cast<std::int64_t>(point));
  right_ = std::max(right_, width_of(mantissa) - static_cast<std::int64_t>(point) - 1);
  if (exponents_) exponent_width_ = std::max(exponent_width_, width_of(text) - width_of(mantissa) - 2);
}

std::string FloatColumn::with_sign(double value, std::string text) const {
  return signs_ && !std::signbit(value) ? "+" + text : text;
}

std::string FloatColumn::finite_text(double value) const {
  return with_sign(
      value, exponents_ ? scientific(value, precision_, digits_) : positional(value, precision_, digits_));
}

std::string FloatColumn::text(double value) const {
  if (!std::isfinite(value)) {
    std::string word =
        std::isnan(value) ? (signs_ ? "+nan" : "nan") : with_sign(value, value < 0 ? "-inf" : "inf");
    return padding(left_ + right_ + 1 - width_of(word)) + word;
  }
  std::string text = exponents_ ? with_sign(value, scientific_padded(value, digits_)) : finite_text(value);
  std::size_t point = text.find('.');
  if (point == std::string::npos) text.insert(point = text.find('e'), ".");
  text.insert(0, padding(left_ - static_cast<std::int64_t>(point)));
  if (!exponents_) return text + padding(left_ + 1 + right_ - width_of(text));
  const std::size_t exponent = text.find('e') + 2;  // behind its sign
  const std::int64_t missing = exponent_width_ - static_cast<std::int64_t>(text.size() - exponent);
  return text.insert(exponent, static_cast<std::size_t>(std::max<std::int64_t>(0, missing)), '0');
}

}  // namespace varve::cli
