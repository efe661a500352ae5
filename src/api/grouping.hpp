#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "kernels/reduce.hpp"
#include "varve/grouping.hpp"

namespace varve::api {

/// One row of the table of what becomes of a group.
struct GroupRow {
  GroupOp op;
  std::string_view name;
  std::optional<kernels::ReduceOp> reduce;  ///< where dtypes have NaN; nothing: an element is picked
};

/// Returns all rows, in the order of the enumeration.
[[nodiscard]] std::span<const GroupRow> group_rows() noexcept;

}  // namespace varve::api
