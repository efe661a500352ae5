#include <deque>

#include "api/catalogue/rows/rows.hpp"

namespace varve::catalogue {

std::string_view signature_of(std::string_view name, std::string_view aliases, std::string_view parameters) {
  static std::deque<std::string> texts;
  std::string& text = texts.emplace_back(name);
  if (!aliases.empty()) text.append("|").append(aliases);
  return text.append(parameters);
}

}  // namespace varve::catalogue
