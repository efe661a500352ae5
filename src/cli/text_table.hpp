#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace varve::cli {

/// Replaces control characters, which names and attributes from files may hold, by '?', and line ends by
/// spaces.
[[nodiscard]] std::string printable(std::string_view text);

/// Collects rows of words and formats them in aligned columns under a heading.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }

  void add(std::vector<std::string> row);
  /// Returns all lines; columns that are empty in every row are left out.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace varve::cli
