#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "varve/array.hpp"

namespace varve {

/// The axis of an array in a file: along it lies the coordinate variable of its name, if the file has one.
struct AxisSource {
  std::string path;         ///< of the file
  std::string variable;     ///< the array that has the axis
  std::string name;         ///< of the dimension
  std::int64_t extent = 0;  ///< elements along it
  friend bool operator==(const AxisSource&, const AxisSource&) = default;
};

/// Finds the coordinate of an axis of a file: one-dimensional, of the extent of the axis; nothing if there is
/// none.
using CoordinateFinder = std::function<std::optional<Array>(const AxisSource&)>;

/// Which positions of axes of files an axis of an expression runs along: what slices, positions, masks and
/// joins have made of them. Varve alone derives from it.
class AxisPositions {
 public:
  virtual ~AxisPositions() = default;
  /// Applies the same selection to coordinates. Nothing if a coordinate cannot be found.
  [[nodiscard]] virtual std::optional<Array> select(const CoordinateFinder& find) const = 0;
  /// Lists the axes of files, each once, in the order in which they come.
  [[nodiscard]] virtual const std::vector<AxisSource>& sources() const noexcept = 0;
};

/// What an axis of an expression runs along.
struct AxisLabel {
  std::string name;  ///< of the dimension; empty if the expression has none there
  std::shared_ptr<const AxisPositions> positions;  ///< null if its elements are at no positions of an axis
  /// The same axis of further operands from other files. The coordinate holds only where theirs are equal.
  std::vector<std::shared_ptr<const AxisPositions>> others = {};
};

/// Tells whether both run along the same positions of the same axes of files.
[[nodiscard]] bool same_positions(const AxisLabel& left, const AxisLabel& right);

/// Two axes of one name from different files whose elements an expression combines one by one.
struct AxisMeeting {
  std::string name;                            ///< of both
  std::shared_ptr<const AxisPositions> left;   ///< of one
  std::shared_ptr<const AxisPositions> right;  ///< of the other
};

/// Follows dimension names and positions from the files through an expression. Slices, transposes, listed
/// positions, masks of one axis and joins along an axis keep both; what moves elements otherwise (sort, roll,
/// pad) keeps the name; reductions drop the axis; elementwise operations keep the names on which the operands
/// agree, and the positions where these do not contradict each other. Returns one label per axis.
[[nodiscard]] std::vector<AxisLabel> axis_labels(const Array& x);

/// Lists the axes that meet anywhere in the expressions, whose coordinates a careful program compares.
[[nodiscard]] std::vector<AxisMeeting> axis_meetings(const std::vector<Array>& arrays);

}  // namespace varve
