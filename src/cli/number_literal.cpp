#include "cli/number_literal.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

Scalar read_integer(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (result.ec == std::errc::result_out_of_range) {
    throw ExpressionError("the integer does not fit in 64 bits; write it as a float");
  }
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Scalar(static_cast<std::int64_t>(value));
  }
  return Scalar(value);
}

int base_of(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  switch (text[1]) {
    case 'x':
    case 'X':
      return 16;
    case 'o':
    case 'O':
      return 8;
    case 'b':
    case 'B':
      return 2;
    default:
      return 10;
  }
}

// from_chars leaves the value alone where it is out of range; Python gives infinity or zero.
double read_real(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  const auto exponent = text.find_first_of("eE");
  const bool tiny = exponent != std::string_view::npos && text.find('-', exponent) != std::string_view::npos;
  return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

}  // namespace

Scalar read_number(std::string_view spelling) {
  std::string text(spelling);
  text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
  if (const int base = base_of(text); base != 10) return read_integer(std::string_view(text).substr(2), base);
  if (text.back() == 'j' || text.back() == 'J') {
    text.pop_back();
    return Scalar(std::complex<double>(0.0, read_real(text)));
  }
  if (text.find_first_of(".eE") != std::string::npos) return Scalar(read_real(text));
  if (text[0] == '0' && text.find_first_not_of('0') != std::string::npos) {
    throw ExpressionError("an integer may not begin with 0; write 0o for octal digits");
  }
  return read_integer(text, 10);
}

}  // namespace varve::cli
