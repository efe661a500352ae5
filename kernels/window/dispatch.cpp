#include "kernels/window/table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_weighted_sum(WindowTable&) noexcept)

WeightedSum find_weighted_sum(DType dtype) noexcept {
  static const WindowTable table = [] {
    WindowTable filled;
    VARVE_SELECT_ISA(active_instruction_set(), fill_weighted_sum)(filled);
    return filled;
  }();
  return table.weighted_sum[static_cast<int>(dtype)];
}

}  // namespace varve::kernels
