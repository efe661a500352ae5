#include "kernels/cast/convert.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

void fill_cast_complex(CastTable& table) noexcept {
  add_casts_from_inexact<Complex64>(table, DType::complex64);
  add_casts_from_inexact<Complex128>(table, DType::complex128);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
