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
  // Only a level that this processor can run is ever filled: filling is compiled for that level too.
  switch (level) {
    case InstructionSet::v4: {
      static const CastTable table = make_table(InstructionSet::v4);
      return table;
    }
    case InstructionSet::v3: {
      static const CastTable table = make_table(InstructionSet::v3);
      return table;
    }
    default: {
      static const CastTable table = make_table(InstructionSet::v2);
      return table;
    }
  }
}

VectorFunction find_cast(DType from, DType to) noexcept {
  static const CastTable& table = cast_table(active_instruction_set());
  return table.kernels[static_cast<int>(from)][static_cast<int>(to)];
}

}  // namespace varve::kernels
