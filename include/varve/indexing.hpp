#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "varve/core/dims.hpp"
#include "varve/core/error.hpp"

namespace varve {

/// The selection of `start, start + step, ...` before `stop` along one axis, as Python's `start:stop:step`:
/// negative positions count from the end, positions out of range are clipped, absent ones mean "to the end of
/// the axis in that direction".
struct Slice {
  std::optional<std::int64_t> start = {};  ///< the first position
  std::optional<std::int64_t> stop = {};   ///< the first position that is left out
  std::int64_t step = 1;                   ///< not zero
};

/// As many full slices as are missing: Python's `...`.
struct Ellipsis {};
/// The one value of Ellipsis.
inline constexpr Ellipsis ellipsis{};

/// An added axis of extent 1: NumPy's `newaxis`, Python's `None`.
struct NewAxis {};
/// The one value of NewAxis.
inline constexpr NewAxis newaxis{};

/// The largest number of positions of one index that are listed one by one: they lie in memory beside the
/// budget.
inline constexpr std::int64_t kMaxPositions = std::int64_t{1} << 24;

/// An array of integer positions of any shape; negative ones count from the end of the axis that they pick
/// from.
class Positions {
 public:
  /// Takes the values in C order.
  ///
  /// Errors:  IndexError if there are not as many as the shape has elements.
  Positions(std::vector<std::int64_t> values, const Shape& shape);

  /// Returns the positions in C order.
  [[nodiscard]] const std::vector<std::int64_t>& values() const noexcept { return values_; }
  /// Returns the shape of the positions.
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }

 private:
  std::vector<std::int64_t> values_;
  Shape shape_;
};

/// One item of an index. An integer drops its axis, and so do positions of no axes. A list of integers
/// picks them in that order; several lists or arrays of positions are broadcast and go together element by
/// element, as in NumPy: the axes of their common shape stand where the first of them stands if they are
/// neighbours, else in front.
class IndexItem {
 public:
  /// The kinds of item.
  using Value = std::variant<std::int64_t, Slice, Ellipsis, NewAxis, std::vector<std::int64_t>, Positions>;

  /// Takes a position.
  ///
  /// Errors:  IndexError for one that 63 bits cannot count.
  template <std::integral T>
  IndexItem(T position) : value_(static_cast<std::int64_t>(position)) {
    if constexpr (std::unsigned_integral<T> && sizeof(T) >= sizeof(std::int64_t)) {
      if (position > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        throw IndexError("the index " + std::to_string(position) + " is out of bounds for any axis");
      }
    }
  }
  // A truth value is no position: in NumPy it would be a mask.
  IndexItem(bool) = delete;
  /// Takes a slice.
  IndexItem(Slice slice) : value_(slice) {}
  /// Takes `...`.
  IndexItem(Ellipsis value) : value_(value) {}
  /// Takes a new axis.
  IndexItem(NewAxis value) : value_(value) {}
  /// Takes positions along one axis.
  IndexItem(std::vector<std::int64_t> positions) : value_(std::move(positions)) {}
  /// Takes positions of any shape.
  IndexItem(Positions positions) : value_(std::move(positions)) {}

  /// Returns the item.
  [[nodiscard]] const Value& value() const noexcept { return value_; }

 private:
  Value value_;
};

}  // namespace varve
