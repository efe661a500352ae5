#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "varve/core/error.hpp"

namespace varve {

/// Selects `start, start + step, ...` before `stop` along one axis, as Python's `start:stop:step`: negative positions count
/// from the end, positions out of range are clipped, absent ones mean "to the end of the axis in that direction".
struct Slice {
  std::optional<std::int64_t> start = {};
  std::optional<std::int64_t> stop = {};
  std::int64_t step = 1;  ///< not zero
};

/// Stands for as many full slices as are missing: Python's `...`.
struct Ellipsis {};
inline constexpr Ellipsis ellipsis{};

/// Adds an axis of extent 1: NumPy's `newaxis`, Python's `None`.
struct NewAxis {};
inline constexpr NewAxis newaxis{};

/// Is one item of an index. An integer drops its axis. A list of integers picks them in that order; several lists go
/// together element by element, as in NumPy.
class IndexItem {
 public:
  using Value = std::variant<std::int64_t, Slice, Ellipsis, NewAxis, std::vector<std::int64_t>>;

  /// Errors: IndexError for a position that 63 bits cannot count.
  template <std::integral T>
  IndexItem(T position) : value_(static_cast<std::int64_t>(position)) {
    if constexpr (std::unsigned_integral<T> && sizeof(T) >= sizeof(std::int64_t)) {
      if (position > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        throw IndexError("the index " + std::to_string(position) + " is out of bounds for any axis");
      }
    }
  }
  /// A truth value is no position: in NumPy it would be a mask.
  IndexItem(bool) = delete;
  IndexItem(Slice slice) : value_(slice) {}
  IndexItem(Ellipsis value) : value_(value) {}
  IndexItem(NewAxis value) : value_(value) {}
  IndexItem(std::vector<std::int64_t> positions) : value_(std::move(positions)) {}

  [[nodiscard]] const Value& value() const noexcept { return value_; }

 private:
  Value value_;
};

}  // namespace varve
