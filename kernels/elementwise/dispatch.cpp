#include "kernels/elementwise/table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_arithmetic(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_divide(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_modulo(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_extrema(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_bitwise(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_compare(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_logical(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_classify(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_round(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_select(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_complex(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_exponential(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_trigonometric(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_arc(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_hyperbolic(ElementwiseTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_power(ElementwiseTable&) noexcept)
void fill_complex_math(ElementwiseTable&) noexcept;

namespace {

ElementwiseTable make_table(InstructionSet level) noexcept {
  ElementwiseTable table;
  VARVE_SELECT_ISA(level, fill_arithmetic)(table);
  VARVE_SELECT_ISA(level, fill_divide)(table);
  VARVE_SELECT_ISA(level, fill_modulo)(table);
  VARVE_SELECT_ISA(level, fill_extrema)(table);
  VARVE_SELECT_ISA(level, fill_bitwise)(table);
  VARVE_SELECT_ISA(level, fill_compare)(table);
  VARVE_SELECT_ISA(level, fill_logical)(table);
  VARVE_SELECT_ISA(level, fill_classify)(table);
  VARVE_SELECT_ISA(level, fill_round)(table);
  VARVE_SELECT_ISA(level, fill_select)(table);
  VARVE_SELECT_ISA(level, fill_complex)(table);
  VARVE_SELECT_ISA(level, fill_exponential)(table);
  VARVE_SELECT_ISA(level, fill_trigonometric)(table);
  VARVE_SELECT_ISA(level, fill_arc)(table);
  VARVE_SELECT_ISA(level, fill_hyperbolic)(table);
  VARVE_SELECT_ISA(level, fill_power)(table);
  fill_complex_math(table);
  return table;
}

}  // namespace

const ElementwiseTable& elementwise_table(InstructionSet level) noexcept {
  // Only a level that this processor can run is ever filled: filling is compiled for that level too.
  switch (level) {
    case InstructionSet::v4: {
      static const ElementwiseTable table = make_table(InstructionSet::v4);
      return table;
    }
    case InstructionSet::v3: {
      static const ElementwiseTable table = make_table(InstructionSet::v3);
      return table;
    }
    default: {
      static const ElementwiseTable table = make_table(InstructionSet::v2);
      return table;
    }
  }
}

VectorFunction find_elementwise(ElementwiseOp op, DType compute_dtype) noexcept {
  static const ElementwiseTable& table = elementwise_table(active_instruction_set());
  return table.rows[static_cast<int>(op)].by_dtype[static_cast<int>(compute_dtype)];
}

}  // namespace varve::kernels
