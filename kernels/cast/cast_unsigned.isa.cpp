#include "kernels/cast/convert.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

void fill_cast_unsigned(CastTable& table) noexcept {
  add_casts_from_integer<std::uint8_t>(table, DType::boolean);  // 0 or 1
  add_casts_from_integer<std::uint8_t>(table, DType::uint8);
  add_casts_from_integer<std::uint16_t>(table, DType::uint16);
  add_casts_from_integer<std::uint32_t>(table, DType::uint32);
  add_casts_from_integer<std::uint64_t>(table, DType::uint64);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
