#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "expr/index_map.hpp"

namespace varve::expr {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

/// The axis of an array in a file: along it lies the coordinate variable of its name, if the file has one.
struct AxisSource {
  std::string path;         ///< of the file
  std::string variable;     ///< the array that has the axis
  std::string name;         ///< of the dimension
  std::int64_t extent = 0;  ///< elements along it
  friend bool operator==(const AxisSource&, const AxisSource&) = default;
};

/// Finds the coordinate of an axis of a file: one-dimensional, of the extent of the axis; null if there is
/// none.
using CoordinateFinder = std::function<NodePtr(const AxisSource&)>;

/// The positions of axes of files that an axis of an expression runs along: what slices, positions, masks and
/// joins have made of them. Immutable.
class AxisPositions {
 public:
  virtual ~AxisPositions() = default;
  /// Applies the same selection to coordinates. Null if a coordinate cannot be found.
  [[nodiscard]] virtual NodePtr select(const CoordinateFinder& find) const = 0;
  /// Lists the axes of files, each once, in the order in which they come.
  [[nodiscard]] virtual const std::vector<AxisSource>& sources() const noexcept = 0;
  /// Applies the selection to whole axes that stand for those of the files: equal traces are equal
  /// selections.
  [[nodiscard]] virtual NodePtr trace() const = 0;
  /// Tells whether it keeps an expression that reads memory, such as a mask.
  [[nodiscard]] virtual bool holds_memory() const { return false; }
};
using PositionsPtr = std::shared_ptr<const AxisPositions>;

/// A list of positions, made of one or of two lists one behind the other: a sum of n files has n lists, each
/// one longer than that before, and they share their parts. Null is the empty list.
struct PositionList;
using PositionListPtr = std::shared_ptr<const PositionList>;
struct PositionList {
  PositionsPtr item;  ///< null where the list is made of two
  PositionListPtr first = {};
  PositionListPtr second = {};
};

/// What an axis of an array runs along.
struct AxisLabel {
  std::string name = {};        ///< of the dimension; empty if it has none
  PositionsPtr positions = {};  ///< null if its elements are at no positions of an axis
  PositionListPtr further = {};

  /// Lists the same axis of further operands from other files, each once. The coordinate holds only where
  /// theirs are equal.
  [[nodiscard]] std::vector<PositionsPtr> others() const;
  friend bool operator==(const AxisLabel&, const AxisLabel&) = default;
};

/// One label per axis. Nodes share them; null where no axis has a name.
using AxisLabels = std::vector<AxisLabel>;
using AxisLabelsPtr = std::shared_ptr<const AxisLabels>;

/// Shares labels; null if no axis has a name.
[[nodiscard]] AxisLabelsPtr shared_labels(AxisLabels labels);
/// Returns labels without the positions that keep memory alive which an expression reads, such as that of a
/// mask: results in memory outlive what they were computed from.
[[nodiscard]] AxisLabelsPtr without_memory(const AxisLabelsPtr& labels);

/// Two axes of one name from different files whose elements an expression combines one by one.
struct AxisMeeting {
  std::string name;    ///< of both
  PositionsPtr left;   ///< of one
  PositionsPtr right;  ///< of the other
};

/// Tells whether both run along the same positions of the same axes of files.
[[nodiscard]] bool same_positions(const AxisLabel& left, const AxisLabel& right);

/// Infers the labels of a node from those of its inputs. Slices, transposes, listed positions, masks of one
/// axis and joins along an axis keep both names and positions; what moves elements otherwise (sort, roll,
/// pad) keeps the name; reductions drop the axis; elementwise operations keep the names on which the operands
/// agree, and the positions where these do not contradict each other. Adds the axes that meet in this node to
/// `meetings`, if it is not null.
[[nodiscard]] AxisLabelsPtr infer_labels(const Node& node, std::vector<AxisMeeting>* meetings = nullptr);
/// Infers the labels of a view.
[[nodiscard]] AxisLabelsPtr view_labels(const Node& input, const IndexMap& map);

/// Lists the axes that meet anywhere in the expressions, whose coordinates a careful program compares.
[[nodiscard]] std::vector<AxisMeeting> axis_meetings(const std::vector<NodePtr>& roots);

}  // namespace varve::expr
