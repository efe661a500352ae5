#include "kernels/reduce/table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_sum(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_product(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_extreme(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_count(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_nan_sum(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_moment(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_nan_moment(ReduceTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_extreme_index(ReduceTable&) noexcept)

namespace {

ReduceTable make_table(InstructionSet level) noexcept {
  ReduceTable table;
  VARVE_SELECT_ISA(level, fill_sum)(table);
  VARVE_SELECT_ISA(level, fill_product)(table);
  VARVE_SELECT_ISA(level, fill_extreme)(table);
  VARVE_SELECT_ISA(level, fill_count)(table);
  VARVE_SELECT_ISA(level, fill_nan_sum)(table);
  VARVE_SELECT_ISA(level, fill_moment)(table);
  VARVE_SELECT_ISA(level, fill_nan_moment)(table);
  VARVE_SELECT_ISA(level, fill_extreme_index)(table);
  return table;
}

}  // namespace

// Each table is made when it is first asked for: filling one runs code of its level.
const ReduceTable& reduce_table(InstructionSet level) noexcept {
  if (level == InstructionSet::v4) {
    static const ReduceTable table = make_table(InstructionSet::v4);
    return table;
  }
  if (level == InstructionSet::v3) {
    static const ReduceTable table = make_table(InstructionSet::v3);
    return table;
  }
  static const ReduceTable table = make_table(InstructionSet::v2);
  return table;
}

const ReduceKernel* find_reduce(ReduceOp op, DType input_dtype) noexcept {
  static const ReduceTable& table = reduce_table(active_instruction_set());
  const ReduceKernel& kernel = table.rows[static_cast<int>(op)][static_cast<int>(input_dtype)];
  return kernel.plane_count == 0 ? nullptr : &kernel;
}

}  // namespace varve::kernels
