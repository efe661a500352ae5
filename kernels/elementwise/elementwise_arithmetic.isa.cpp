#include "kernels/elementwise/table.hpp"
namespace varve::kernels::VARVE_ISA_NAMESPACE {
void fill_arithmetic(ElementwiseTable&) noexcept {}
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
