#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "expr/axis_labels.hpp"
#include "io/location.hpp"
#include "labels/surroundings.hpp"
#include "varve/storage.hpp"

namespace varve::labels {

/// A variable of a file.
struct SourceVariable {
  const FileInfo* file = nullptr;  ///< never null, without variables
  VariableInfo info;
};

/// The variables that expressions read and their coordinates, each file and variable described once.
class SourceVariables {
 public:
  explicit SourceVariables(const Surroundings& surroundings) : surroundings_(surroundings) {}

  /// Returns null if the variable cannot be described.
  const SourceVariable* find(const std::string& path, const std::string& variable);
  /// Returns the coordinate variable of an axis: one-dimensional, called like the axis and of its extent, in
  /// the group of the array or the nearest one above. Null if there is none.
  const SourceVariable* coordinate_of(const expr::AxisSource& axis);

  /// Opens an array under the guard of the surroundings.
  [[nodiscard]] expr::NodePtr open(const SourceVariable& variable, const OpenOptions& options = {});
  /// Returns the decoded numbers of the coordinate along positions; null if none can be had.
  [[nodiscard]] expr::NodePtr decoded(const expr::AxisPositions& positions);

  /// Tells whether coordinates are known on both sides and differ: in their units, or by more than 1e-6 of
  /// the largest of their values.
  bool differ(const expr::AxisPositions& left, const expr::AxisPositions& right);
  /// Tells whether two variables are known to be coordinates of one dimension with the same values, in the
  /// sense of `differ`.
  bool are_same(const io::Location& left, const io::Location& right);

  [[nodiscard]] const Surroundings& surroundings() const noexcept { return surroundings_; }
  /// Returns what `look` returns, called under the guard of the surroundings.
  template <class Look>
  std::invoke_result_t<Look> guarded(const std::string& path, const Look& look) const {
    std::optional<std::invoke_result_t<Look>> result;
    surroundings_.guard(path, [&] { result.emplace(look()); });
    return *std::move(result);
  }

 private:
  std::string units(const expr::AxisPositions& positions);
  const FileInfo* find_file(const std::string& path);

  const Surroundings& surroundings_;
  std::map<std::string, std::optional<FileInfo>> files_;  ///< by path
  std::map<std::pair<std::string, std::string>, std::optional<SourceVariable>> variables_;
};

}  // namespace varve::labels
