#include "kernels/reduce/extreme.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T, Extreme kExtreme, NanRule kNans>
ReduceKernel extreme_kernel(DType dtype) noexcept {
  return Fold<ExtremeValue<T, kExtreme, kNans>>::kernel(dtype, finish_value<T, T>);
}

}  // namespace

void fill_extreme(ReduceTable& table) noexcept {
  const auto plain = [&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::min, dtype) = extreme_kernel<T, Extreme::least, NanRule::propagate>(dtype);
    table.at(ReduceOp::max, dtype) = extreme_kernel<T, Extreme::greatest, NanRule::propagate>(dtype);
  };
  for_each_integer(plain);
  for_each_floating(plain);
  for_each_floating([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::nanmin, dtype) = extreme_kernel<T, Extreme::least, NanRule::skip>(dtype);
    table.at(ReduceOp::nanmax, dtype) = extreme_kernel<T, Extreme::greatest, NanRule::skip>(dtype);
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
