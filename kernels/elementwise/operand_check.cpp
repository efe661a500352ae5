#include "kernels/operand_check.hpp"

namespace varve::kernels {
namespace {

template <class T>
bool has_negative_exponent(const void* const* inputs, std::int64_t n, unsigned scalar_mask) noexcept {
  const T* exponents = static_cast<const T*>(inputs[1]);
  const std::int64_t count = (scalar_mask & 2U) != 0 && n > 0 ? 1 : n;
  T all{};  // bits of any: its sign tells
  for (std::int64_t i = 0; i < count; ++i) all = static_cast<T>(all | exponents[i]);
  return all < 0;
}

}  // namespace

OperandCheck find_operand_check(ElementwiseOp op, DType compute_dtype) noexcept {
  if (op != ElementwiseOp::pow) return nullptr;
  switch (compute_dtype) {
    case DType::int8:
      return has_negative_exponent<std::int8_t>;
    case DType::int16:
      return has_negative_exponent<std::int16_t>;
    case DType::int32:
      return has_negative_exponent<std::int32_t>;
    case DType::int64:
      return has_negative_exponent<std::int64_t>;
    default:
      return nullptr;
  }
}

}  // namespace varve::kernels
