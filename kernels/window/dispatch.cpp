#include "kernels/window/table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_weighted_sum(WindowTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_filter_lines(WindowTable&) noexcept)

namespace {

const WindowTable& window_table() noexcept {
  static const WindowTable table = [] {
    WindowTable filled;
    VARVE_SELECT_ISA(active_instruction_set(), fill_weighted_sum)(filled);
    VARVE_SELECT_ISA(active_instruction_set(), fill_filter_lines)(filled);
    return filled;
  }();
  return table;
}

}  // namespace

WeightedSum find_weighted_sum(DType dtype) noexcept {
  return window_table().weighted_sum[static_cast<int>(dtype)];
}

FilterAcross find_filter_across(DType dtype) noexcept {
  return window_table().filter_across[static_cast<int>(dtype)];
}

FilterAlong find_filter_along(DType dtype) noexcept {
  return window_table().filter_along[static_cast<int>(dtype)];
}

}  // namespace varve::kernels
