#pragma once

#include "kernels/scan.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::ops {

/// Cuts a view into panels whose rows lie along one axis: for kernels that run along that axis and keep one
/// state per element of the others ("kept" elements, numbered in C order). Panels are narrow, so that their
/// states stay in cache, and independent of each other, so that threads may share them.
class RowPanels {
 public:
  RowPanels(const StridedView& view, std::int64_t axis);

  [[nodiscard]] std::int64_t count() const noexcept { return outer_count_ * pieces_; }
  [[nodiscard]] kernels::Panel panel(std::int64_t number) const;
  /// Returns the number of the panel's first kept element; the others follow.
  [[nodiscard]] std::int64_t first_kept(std::int64_t number) const noexcept;

 private:
  StridedView view_;
  std::int64_t axis_;
  std::int64_t inner_ = -1;  ///< the axis of columns: the last kept one; none for 1-d views
  std::int64_t columns_ = 1;
  std::int64_t width_ = 1;
  std::int64_t pieces_ = 1;  ///< panels along the axis of columns
  std::int64_t outer_count_ = 1;
};

}  // namespace varve::ops
