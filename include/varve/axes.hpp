#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace varve {

// One spelling of axes in all functions and options: `Axis` names one axis, `std::optional<Axis>` one or, if
// absent, all elements as one axis, and `Axes` one or several. Negative axes count from the end; names are
// those of `Array::dims`. The parameter is called as NumPy calls it, `axis` or `axes`. A new axis, which has
// no name yet, is a `std::int64_t`.

/// The types of a single axis by number: 0, 0L, but not true.
template <class T>
concept AxisNumber = std::integral<T> && !std::same_as<T, bool>;

/// One axis, by its number or by its name.
class Axis {
 public:
  /// Takes a number.
  template <AxisNumber T>
  Axis(T number) : value_(static_cast<std::int64_t>(number)) {}
  /// Takes a name.
  Axis(const char* name) : value_(std::string(name)) {}
  /// Takes a name.
  Axis(std::string name) : value_(std::move(name)) {}

  /// Returns the name, or null.
  [[nodiscard]] const std::string* name() const noexcept { return std::get_if<std::string>(&value_); }
  /// Returns the number; 0 if there is a name.
  [[nodiscard]] std::int64_t number() const noexcept {
    const auto* number = std::get_if<std::int64_t>(&value_);
    return number != nullptr ? *number : 0;
  }

 private:
  std::variant<std::int64_t, std::string> value_;
};

/// The types of a single axis: numbers and names.
template <class T>
concept AxisLike = AxisNumber<T> || std::convertible_to<T, std::string>;

/// One axis, several, or (absent, as by default) all in their order.
class Axes {
 public:
  /// Names all axes.
  Axes() = default;
  /// Names one axis.
  Axes(Axis axis) : axes_(std::vector<Axis>{std::move(axis)}) {}
  /// Names one axis.
  template <AxisLike T>
  Axes(const T& axis) : Axes(Axis(axis)) {}
  /// Names several axes.
  Axes(std::initializer_list<Axis> axes) : axes_(std::vector<Axis>(axes)) {}
  /// Names several axes.
  Axes(std::vector<Axis> axes) : axes_(std::move(axes)) {}
  /// Names several axes.
  Axes(const std::vector<std::int64_t>& axes) : axes_(std::vector<Axis>(axes.begin(), axes.end())) {}
  /// Returns the axes as they were given, or nothing for all.
  [[nodiscard]] const std::optional<std::vector<Axis>>& value() const noexcept { return axes_; }

 private:
  std::optional<std::vector<Axis>> axes_;
};

}  // namespace varve
