#include "kernels/column_keys.hpp"

#include "kernels/select/column_table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_columns(ColumnTable&) noexcept)

namespace {

ColumnTable make_table(InstructionSet level) noexcept {
  ColumnTable table;
  VARVE_SELECT_ISA(level, fill_columns)(table);
  return table;
}

const ColumnTable& column_table() noexcept {
  static const ColumnTable table = make_table(active_instruction_set());
  return table;
}

}  // namespace

template <>
const ColumnKernels<std::int8_t>& column_kernels<std::int8_t>() noexcept {
  return column_table().bytes;
}
template <>
const ColumnKernels<std::int16_t>& column_kernels<std::int16_t>() noexcept {
  return column_table().shorts;
}
template <>
const ColumnKernels<std::int32_t>& column_kernels<std::int32_t>() noexcept {
  return column_table().ints;
}
template <>
const ColumnKernels<std::int64_t>& column_kernels<std::int64_t>() noexcept {
  return column_table().longs;
}

MakeKeys find_make_keys(DType dtype) noexcept {
  return column_table().make_keys[static_cast<std::size_t>(dtype)];
}

}  // namespace varve::kernels
