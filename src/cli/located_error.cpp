#include "cli/located_error.hpp"

#include <algorithm>

#include "cli/text_table.hpp"

namespace varve::cli {
namespace {

constexpr std::int64_t kContextBytes = 60;  // shown on each side of the caret

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Counts columns, taking each UTF-8 sequence as one.
std::int64_t columns(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); });
}

}  // namespace

std::string with_caret(std::string_view message, std::string_view text, std::int64_t position) {
  const auto size = static_cast<std::int64_t>(text.size());
  position = std::clamp<std::int64_t>(position, 0, size);
  std::int64_t first = std::max<std::int64_t>(0, position - kContextBytes);
  std::int64_t last = std::min(size, position + kContextBytes);
  while (first > 0 && continues_character(text[static_cast<std::size_t>(first)])) --first;
  while (last < size && continues_character(text[static_cast<std::size_t>(last)])) ++last;
  const std::string before = first > 0 ? "..." : "";
  const std::string head = before + printable(text.substr(static_cast<std::size_t>(first),
                                                          static_cast<std::size_t>(position - first)));
  const std::string tail =
      printable(text.substr(static_cast<std::size_t>(position), static_cast<std::size_t>(last - position)));
  return std::string(message) + "\n  " + head + tail + (last < size ? "..." : "") + "\n  " +
         std::string(static_cast<std::size_t>(columns(head)), ' ') + "^";
}

}  // namespace varve::cli
