#include "kernels/factor/reflectors.hpp"

namespace varve::kernels {

VARVE_DECLARE_PER_ISA(void fill_reflector_panels(ReflectorKernels&) noexcept)
VARVE_DECLARE_PER_ISA(void fill_strip_products(ReflectorKernels&) noexcept)

namespace {

ReflectorKernels make_kernels() noexcept {
  ReflectorKernels kernels;
  VARVE_SELECT_ISA(active_instruction_set(), fill_reflector_panels)(kernels);
  VARVE_SELECT_ISA(active_instruction_set(), fill_strip_products)(kernels);
  return kernels;
}

}  // namespace

const ReflectorKernels& reflector_kernels() noexcept {
  static const ReflectorKernels kernels = make_kernels();
  return kernels;
}

}  // namespace varve::kernels
