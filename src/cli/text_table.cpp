#include "cli/text_table.hpp"

#include <algorithm>
#include <cstdint>

namespace varve::cli {

std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || c == '\t' || c == '\r')
      c = ' ';
    else if (byte < 0x20 || byte == 0x7F)
      c = '?';
  }
  return shown;
}

void TextTable::add(std::vector<std::string> row) {
  for (std::string& word : row) word = printable(word);
  rows_.push_back(std::move(row));
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (std::size_t row = 1; row < rows_.size(); ++row) {
    for (std::size_t column = 0; column < widths.size(); ++column) {
      widths[column] = std::max(widths[column], rows_[row][column].size());
    }
  }
  std::string lines;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < widths.size(); ++column) {
      if (widths[column] == 0) continue;
      const std::size_t width = std::max(widths[column], rows_.front()[column].size());
      line += row[column] + std::string(width - std::min(width, row[column].size()) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + "\n";
  }
  return lines;
}

}  // namespace varve::cli
