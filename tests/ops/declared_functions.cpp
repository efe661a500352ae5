#include "ops/declared_functions.hpp"

#include <fstream>
#include <regex>

#include "varve/core/error.hpp"

namespace varve::test {

std::set<std::string> declared_functions(const std::string& header) {
  std::ifstream file(std::string(VARVE_PUBLIC_HEADERS "/") + header);
  if (!file) throw Error("declared_functions: cannot open " + header);
  static const std::regex declaration(R"(^(?:inline )?(?:Array|std::vector<Array>) ([a-z]\w*)\()");
  std::set<std::string> names;
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_search(line, match, declaration)) names.insert(match[1]);
  }
  names.erase("operator");
  if (names.erase("stddev") != 0) names.insert("std");  // in C++ a namespace has NumPy's name
  return names;
}

std::string missing_names(const std::set<std::string>& wanted, const std::set<std::string>& present) {
  std::string text;
  for (const std::string& name : wanted) {
    if (!present.contains(name)) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace varve::test
