#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "io/location.hpp"
#include "varve/axis_labels.hpp"
#include "varve/storage.hpp"

namespace varve::cli {

/// A variable of a file.
struct SourceVariable {
  const FileInfo* file = nullptr;  ///< never null, without variables
  VariableInfo info;
};

/// Describes the variables that expressions read and their coordinates, each file and variable once.
class SourceVariables {
 public:
  /// Returns null if the variable cannot be described.
  const SourceVariable* find(const std::string& path, const std::string& variable);
  /// Returns the coordinate variable of an axis: one-dimensional, called like the axis and of its extent, in
  /// the group of the array or the nearest one above. Null if there is none.
  const SourceVariable* coordinate_of(const AxisSource& axis);

  /// Tells whether coordinates are known on both sides and differ: in their units, or by more than 1e-6 of
  /// the largest of their values.
  bool differ(const AxisPositions& left, const AxisPositions& right);
  /// Tells whether two variables are known to be coordinates of one dimension with the same values, in the
  /// sense of `differ`.
  bool are_same(const io::Location& left, const io::Location& right);
  /// Says from where to where the coordinate goes: "90 to -90".
  std::string range(const AxisPositions& positions);

 private:
  std::optional<Array> decoded(const AxisPositions& positions);
  std::string units(const AxisPositions& positions);

  const FileInfo* find_file(const std::string& path);

  std::map<std::string, std::optional<FileInfo>> files_;  ///< by path
  std::map<std::pair<std::string, std::string>, std::optional<SourceVariable>> variables_;
};

/// Returns the part of a variable's name up to its last slash, with it: "forecast/" of "forecast/t".
[[nodiscard]] std::string group_of(const std::string& variable);

}  // namespace varve::cli
