#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/dataset.hpp"

namespace varve::expr {

/// Says what the values of a result have in common with those of the inputs that it takes them from.
enum class ValueOrigin {
  other,     ///< nothing: counts, positions, products
  quantity,  ///< the same quantity in the same unit: means, sums
  elements   ///< they are elements of the inputs
};

/// What an array in memory remembers of the files that it was computed of: which variables its values still
/// are of, so that their attributes hold. Names alone: no file is kept open.
struct Descent {
  ValueOrigin origin = ValueOrigin::other;
  std::shared_ptr<const io::DatasetInfo> first = {};  ///< of the variables, null where there are none
  std::vector<std::string> variables = {};            ///< places of those whose attributes hold, of one unit
  bool packed = false;                                ///< one of them is
  bool stored = false;                                ///< the values are as they are stored
  std::vector<std::string> inputs = {};               ///< places of all that was read
};

}  // namespace varve::expr
