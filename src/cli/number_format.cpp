#include "cli/number_format.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "varve/core/scalar.hpp"

namespace varve::cli {
namespace {

// The longest double without exponent has 310 digits before the point.
using Buffer = std::array<char, 512>;

template <class... Format>
std::string to_text(Format... format) {
  Buffer buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), format...);
  return {buffer.data(), result.ptr};
}

// Tries 1 to 5 digits: five are enough for any binary16 number.
double nearest_short_decimal(double value) {
  const Float16 target = to_float16(static_cast<float>(value));
  for (int digits = 0; digits < 5; ++digits) {
    const std::string text = to_text(value, std::chars_format::scientific, digits);
    double candidate = 0;
    std::from_chars(text.data(), text.data() + text.size(), candidate);
    if (to_float16(static_cast<float>(candidate)) == target) return candidate;
  }
  return value;
}

// Gives the shortest digits that read back as the same number of that dtype.
std::string shortest_digits(double value, DType precision, std::chars_format format) {
  if (precision == DType::float32) return to_text(static_cast<float>(value), format);
  if (precision == DType::float16) return to_text(nearest_short_decimal(value), format);
  return to_text(value, format);
}

std::int64_t digits_after_point(const std::string& text) {
  const std::size_t point = text.find('.');
  return point == std::string::npos ? 0 : static_cast<std::int64_t>(text.size() - point - 1);
}

void trim_zeros(std::string& text) {
  if (text.find('.') == std::string::npos) text += '.';
  text.erase(text.find_last_not_of('0') + 1);
}

}  // namespace

std::string positional(double value, DType precision, std::int64_t digits) {
  std::string text = value == std::floor(value) ? to_text(value, std::chars_format::fixed, 0)
                                                : shortest_digits(value, precision, std::chars_format::fixed);
  if (digits_after_point(text) > digits) {
    text = to_text(value, std::chars_format::fixed, static_cast<int>(digits));
  }
  trim_zeros(text);
  return text;
}

std::string scientific(double value, DType precision, std::int64_t digits) {
  std::string text = shortest_digits(value, precision, std::chars_format::scientific);
  if (digits_after_point(text.substr(0, text.find('e'))) > digits) {
    text = to_text(value, std::chars_format::scientific, static_cast<int>(digits));
  }
  const std::size_t exponent = text.find('e');
  std::string mantissa = text.substr(0, exponent);
  trim_zeros(mantissa);
  return mantissa + text.substr(exponent);
}

std::string scientific_padded(double value, std::int64_t digits) {
  return to_text(value, std::chars_format::scientific, static_cast<int>(digits));
}

std::string shortest(double value, DType precision) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const double magnitude = std::abs(value);
  const bool exponent = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16);
  std::string text =
      shortest_digits(value, precision, exponent ? std::chars_format::scientific : std::chars_format::fixed);
  if (!exponent && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace varve::cli
