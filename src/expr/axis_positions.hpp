#pragma once

#include "expr/axis_labels.hpp"

namespace varve::expr {

struct Operation;

/// Returns all positions of an axis of a file.
[[nodiscard]] PositionsPtr whole_axis(AxisSource source);

/// Selects of positions along an axis of `extent` as a map of one axis says.
[[nodiscard]] PositionsPtr view_positions(const PositionsPtr& from, std::int64_t extent, const IndexMap& map);

/// Selects or joins positions of the inputs of an operation, null where one has none, as it does along an
/// axis of its result. Null if it does not tell how.
[[nodiscard]] PositionsPtr operate_positions(const Node& node, std::int64_t axis,
                                             std::vector<PositionsPtr> inputs);

/// Tells whether both are the same selection, whatever the axes are.
[[nodiscard]] bool same_selection(const PositionsPtr& left, const PositionsPtr& right);

}  // namespace varve::expr
