#include "kernels/cast/convert.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

void fill_cast_floating(CastTable& table) noexcept {
  add_casts_from_inexact<float>(table, DType::float32);
  add_casts_from_inexact<double>(table, DType::float64);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
