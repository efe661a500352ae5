#include "api/catalogue/spelling.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace varve::catalogue {
namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Counts insertions, deletions, replacements and swaps of neighbours (Damerau's distance, restricted form).
std::int64_t distance(std::string_view left, std::string_view right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::int64_t> table((left.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::int64_t& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= left.size(); ++i) at(i, 0) = static_cast<std::int64_t>(i);
  for (std::size_t j = 0; j <= right.size(); ++j) at(0, j) = static_cast<std::int64_t>(j);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = lower(left[i - 1]) == lower(right[j - 1]);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(left[i - 1]) == lower(right[j - 2]) &&
          lower(left[i - 2]) == lower(right[j - 1])) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return table.back();
}

// One letter in four, at most two: what is farther away was meant as something else.
std::int64_t max_steps(std::string_view word) {
  if (word.size() < 2) return 0;
  return word.size() < 5 ? 1 : 2;
}

// Short words with another beginning are other words, not slips: isin is no sin, and norm no sort.
bool may_mean(std::string_view word, std::string_view name) {
  constexpr std::size_t kShort = 5;
  if (word.size() > kShort || word.empty() || name.empty()) return true;
  const bool swapped = word.size() > 1 && name.size() > 1 && lower(word[0]) == lower(name[1]) &&
                       lower(word[1]) == lower(name[0]);
  return lower(word[0]) == lower(name[0]) || swapped;
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLongestName = 40;  // bounds the table for hostile input
  if (word.size() > kLongestName) return "";
  std::int64_t best = max_steps(word) + 1;
  std::string_view nearest;
  for (const std::string_view name : known) {
    if (!may_mean(word, name)) continue;
    const std::int64_t steps = distance(word, name);
    if (steps < best) {
      best = steps;
      nearest = name;
    }
  }
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

}  // namespace varve::catalogue
