#include "varve/core/byte_size.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <utility>

#include "varve/core/error.hpp"

namespace varve {

std::int64_t parse_bytes(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  std::string unit(parsed.ptr, end);
  std::erase_if(unit, [](unsigned char letter) { return std::isspace(letter) != 0; });
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  constexpr std::pair<const char*, double> kUnits[] = {{"", 1},
                                                       {"b", 1},
                                                       {"kib", 1024.0},
                                                       {"mib", 1048576.0},
                                                       {"gib", 1073741824.0},
                                                       {"k", 1024.0},
                                                       {"m", 1048576.0},
                                                       {"g", 1073741824.0},
                                                       {"tib", 1099511627776.0},
                                                       {"t", 1099511627776.0},
                                                       {"kb", 1e3},
                                                       {"mb", 1e6},
                                                       {"gb", 1e9},
                                                       {"tb", 1e12}};
  for (const auto& [name, factor] : kUnits) {
    if (parsed.ec == std::errc() && unit == name && number >= 0 && number * factor < 9e18) {
      return static_cast<std::int64_t>(number * factor);
    }
  }
  throw Error("'" + text + "' is not a number of bytes; write for example 512MiB, 2GiB or 1.5GB");
}

std::string format_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  constexpr auto kLast = std::size(kUnits) - 1;
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit < kLast; ++unit) value /= 1024;
  if (unit == 0) return std::to_string(bytes) + " B";
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 1);
  return std::string(digits, written.ptr) + " " + kUnits[unit];
}

}  // namespace varve
