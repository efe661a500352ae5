#pragma once

#include <cstddef>
#include <unordered_set>
#include <utility>
#include <vector>

namespace varve::labels {

/// Lists that share their parts: a sum of n files has n lists of files, each one longer than that before, and
/// one that is added to itself has the same parts.
template <class Item>
class SharedLists {
 public:
  using List = std::size_t;  ///< 0: the empty one

  [[nodiscard]] List add(Item item) {
    parts_.push_back({std::move(item)});
    return parts_.size() - 1;
  }
  [[nodiscard]] List join(List first, List second) {
    if (first == 0 || second == 0) return first + second;
    if (first == second) return first;
    parts_.push_back({Item{}, first, second});
    return parts_.size() - 1;
  }
  /// Returns what was added to a list, each once, in order.
  [[nodiscard]] std::vector<Item> items(List list) const {
    std::vector<Item> found;
    std::unordered_set<List> seen = {0};
    std::vector<List> ahead = {list};
    while (!ahead.empty()) {
      const List next = ahead.back();
      ahead.pop_back();
      if (!seen.insert(next).second) continue;
      const Part& part = parts_[next];
      if (part.first == 0) {
        found.push_back(part.item);
      } else {
        ahead.push_back(part.second);
        ahead.push_back(part.first);
      }
    }
    return found;
  }

 private:
  // Either an item or two lists, one behind the other.
  struct Part {
    Item item;
    List first = 0;
    List second = 0;
  };
  std::vector<Part> parts_ = {Part{}};
};

}  // namespace varve::labels
