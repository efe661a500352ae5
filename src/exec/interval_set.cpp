#include "exec/interval_set.hpp"

#include <algorithm>
#include <iterator>

namespace varve::exec {

void IntervalSet::add(std::int64_t lo, std::int64_t hi) {
  auto next = ends_.upper_bound(lo);
  if (next != ends_.begin() && std::prev(next)->second >= lo) --next;
  while (next != ends_.end() && next->first <= hi) {
    lo = std::min(lo, next->first);
    hi = std::max(hi, next->second);
    next = ends_.erase(next);
  }
  ends_.emplace_hint(next, lo, hi);
}

bool IntervalSet::covers(std::int64_t lo, std::int64_t hi) const {
  const auto next = ends_.upper_bound(lo);
  return next != ends_.begin() && std::prev(next)->second >= hi;
}

bool IntervalSet::touches(std::int64_t lo, std::int64_t hi) const {
  const auto next = ends_.lower_bound(hi);
  return next != ends_.begin() && std::prev(next)->second > lo;
}

}  // namespace varve::exec
