#include "kernels/cast/table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_cast_signed(CastTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_cast_unsigned(CastTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_cast_floating(CastTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_cast_complex(CastTable&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_cast_half(CastTable&) noexcept)

namespace {

CastTable make_table(InstructionSet level) noexcept {
  CastTable table;
  VARVE_SELECT_ISA(level, fill_cast_signed)(table);
  VARVE_SELECT_ISA(level, fill_cast_unsigned)(table);
  VARVE_SELECT_ISA(level, fill_cast_floating)(table);
  VARVE_SELECT_ISA(level, fill_cast_complex)(table);
  VARVE_SELECT_ISA(level, fill_cast_half)(table);
  return table;
}

}  // namespace

const CastTable& cast_table(InstructionSet level) noexcept {
  static const CastTable v2_table = make_table(InstructionSet::v2);
  static const CastTable v3_table = make_table(InstructionSet::v3);
  static const CastTable v4_table = make_table(InstructionSet::v4);
  switch (level) {
    case InstructionSet::v4:
      return v4_table;
    case InstructionSet::v3:
      return v3_table;
    default:
      return v2_table;
  }
}

VectorFunction find_cast(DType from, DType to) noexcept {
  static const CastTable& table = cast_table(active_instruction_set());
  return table.kernels[static_cast<int>(from)][static_cast<int>(to)];
}

}  // namespace varve::kernels
