#pragma once

#include <cstdint>
#include <map>

namespace varve::exec {

/// A set of integers, kept as intervals: numbers that follow each other take the room of one. Not
/// thread-safe.
class IntervalSet {
 public:
  /// Adds [lo, hi), which is not empty.
  void add(std::int64_t lo, std::int64_t hi);
  /// Tells whether all of [lo, hi), which is not empty, is in the set.
  [[nodiscard]] bool covers(std::int64_t lo, std::int64_t hi) const;
  /// Tells whether any of [lo, hi) is in the set.
  [[nodiscard]] bool touches(std::int64_t lo, std::int64_t hi) const;
  [[nodiscard]] std::size_t interval_count() const noexcept { return ends_.size(); }

 private:
  std::map<std::int64_t, std::int64_t> ends_;  ///< by start; intervals neither meet nor overlap
};

}  // namespace varve::exec
