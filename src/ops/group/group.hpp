#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "expr/node.hpp"
#include "expr/parameters.hpp"

namespace varve::ops {

/// Says what becomes of the elements of a group: a reduction, or one of them.
struct GroupFunction {
  enum class Kind : std::uint8_t { reduce, count, first, last };
  Kind kind = Kind::reduce;
  kernels::ReduceOp op = kernels::ReduceOp::sum;
  double correction = 0;
};

/// Says which rows along an axis belong together: groups are numbered from 0.
struct Groups {
  static void fields(auto& self, auto& visit) { visit("of_rows", self.held, "count", self.count); }

  Groups() = default;
  /// `numbers`, the group of each row or -1 for none, lives as long as `holder`.
  Groups(std::span<const std::int32_t> numbers, std::int64_t groups, std::shared_ptr<const void> holder)
      : held(numbers, std::move(holder)), count(groups) {
    prepare();
  }
  void prepare();

  expr::Held held;
  std::int64_t count = 0;
  std::span<const std::int32_t> of_rows;
  std::vector<std::int64_t> sizes;  ///< rows of each group
};

/// Says which axes rows lie along, numbered in C order: neighbours.
struct RowAxes {
  std::int64_t first = 0;
  std::int64_t count = 1;
};

/// Reduces the rows of each group; the groups take the place of the axes of rows. Rows along one axis are
/// taken one after the other, in order, so the bits depend on nothing but the values; rows along several axes
/// (not for first and last) chunk by chunk, so they depend on the natural chunks besides. Every kept element
/// and group has an accumulator of its own.
[[nodiscard]] expr::NodePtr group_reduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups,
                                         const RowAxes& rows, const GroupFunction& function);

/// Returns the dtype of the result for an input dtype, or nothing where the function is not defined for it.
[[nodiscard]] std::optional<DType> group_dtype(const GroupFunction& function, DType input);

}  // namespace varve::ops
