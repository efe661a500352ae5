#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace varve {

// One spelling of axes in all functions and options: `std::int64_t` names one axis,
// `std::optional<std::int64_t>` one or, if absent, all elements as one axis, and `Axes` one or several.
// Negative axes count from the end. The parameter is called as NumPy calls it, `axis` or `axes`.

/// The types of a single axis: 0, 0L, but not true.
template <class T>
concept AxisNumber = std::integral<T> && !std::same_as<T, bool>;

/// One axis, several, or (absent, as by default) all in their order.
class Axes {
 public:
  /// Names all axes.
  Axes() = default;
  /// Names one axis.
  template <AxisNumber T>
  Axes(T axis) : axes_(std::vector<std::int64_t>{static_cast<std::int64_t>(axis)}) {}
  /// Names several axes.
  Axes(std::initializer_list<std::int64_t> axes) : axes_(std::vector<std::int64_t>(axes)) {}
  /// Names several axes.
  Axes(std::vector<std::int64_t> axes) : axes_(std::move(axes)) {}
  /// Returns the axes as they were given, or nothing for all.
  [[nodiscard]] const std::optional<std::vector<std::int64_t>>& value() const noexcept { return axes_; }

 private:
  std::optional<std::vector<std::int64_t>> axes_;
};

}  // namespace varve
