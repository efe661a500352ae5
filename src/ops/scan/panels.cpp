#include "ops/scan/panels.hpp"

#include <algorithm>

#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// States of so many columns, 16 bytes each at most, stay in the first cache. Columns that do not lie side by
// side are taken few at a time: each is a stream of its own.
constexpr std::int64_t kDenseColumns = 1024;
constexpr std::int64_t kScatteredColumns = 8;

}  // namespace

RowPanels::RowPanels(const StridedView& view, std::int64_t axis) : view_(view), axis_(axis) {
  const std::int64_t last = view.ndim() - 1;
  if (last > 0) inner_ = axis == last ? last - 1 : last;
  if (inner_ >= 0) {
    columns_ = view.shape[inner_];
    const bool dense = view.byte_strides[inner_] == size_bytes(view.dtype);
    width_ = std::min(columns_, dense ? kDenseColumns : kScatteredColumns);
  }
  pieces_ = width_ > 0 ? divide_up(columns_, width_) : 0;
  for (std::int64_t other = 0; other < view.ndim(); ++other) {
    if (other != axis_ && other != inner_) outer_count_ *= view.shape[other];
  }
}

kernels::Panel RowPanels::panel(std::int64_t number) const {
  const std::int64_t first = number % pieces_ * width_;
  std::int64_t outer = number / pieces_;
  kernels::Panel panel{view_.data, view_.shape[axis_], view_.byte_strides[axis_],
                       std::min(width_, columns_ - first), 0};
  if (inner_ >= 0) {
    panel.column_stride = view_.byte_strides[inner_];
    panel.data += first * panel.column_stride;
  }
  for (std::int64_t other = view_.ndim() - 1; other >= 0; --other) {
    if (other == axis_ || other == inner_) continue;
    panel.data += outer % view_.shape[other] * view_.byte_strides[other];
    outer /= view_.shape[other];
  }
  return panel;
}

std::int64_t RowPanels::first_kept(std::int64_t number) const noexcept {
  return number / pieces_ * columns_ + number % pieces_ * width_;
}

}  // namespace varve::ops
