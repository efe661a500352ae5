#include "kernels/cast/convert.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

void fill_cast_signed(CastTable& table) noexcept {
  add_casts_from_integer<std::int8_t>(table, DType::int8);
  add_casts_from_integer<std::int16_t>(table, DType::int16);
  add_casts_from_integer<std::int32_t>(table, DType::int32);
  add_casts_from_integer<std::int64_t>(table, DType::int64);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
