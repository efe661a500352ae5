#include "kernels/contract/table.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_products(ProductTable&) noexcept)

namespace {

ProductTable make_table(InstructionSet level) noexcept {
  ProductTable table;
  VARVE_SELECT_ISA(level, fill_products)(table);
  return table;
}

// Each table is made when it is first asked for: filling one runs code of its level.
const ProductTable& product_table(InstructionSet level) noexcept {
  if (level == InstructionSet::v4) {
    static const ProductTable table = make_table(InstructionSet::v4);
    return table;
  }
  if (level == InstructionSet::v3) {
    static const ProductTable table = make_table(InstructionSet::v3);
    return table;
  }
  static const ProductTable table = make_table(InstructionSet::v2);
  return table;
}

}  // namespace

const ProductKernel& product_kernel(DType real, InstructionSet level) noexcept {
  const ProductTable& table = product_table(level);
  return real == DType::float32 ? table.float32 : table.float64;
}

const ProductKernel& product_kernel(DType real) noexcept {
  return product_kernel(real, active_instruction_set());
}

}  // namespace varve::kernels
