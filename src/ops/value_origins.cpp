#include "ops/value_origins.hpp"

namespace varve::ops {

using expr::ValueOrigin;

ValueOrigin origin_of(kernels::ReduceOp op) noexcept {
  using Op = kernels::ReduceOp;
  switch (op) {
    case Op::min:
    case Op::max:
    case Op::nanmin:
    case Op::nanmax:
      return ValueOrigin::elements;
    case Op::sum:
    case Op::mean:
    case Op::std:
    case Op::nansum:
    case Op::nanmean:
    case Op::nanstd:
      return ValueOrigin::quantity;
    default:
      return ValueOrigin::other;
  }
}

ValueOrigin origin_of(kernels::ElementwiseOp op) noexcept {
  using Op = kernels::ElementwiseOp;
  switch (op) {
    case Op::positive:
    case Op::maximum:
    case Op::minimum:
    case Op::fmax:
    case Op::fmin:
    case Op::where:
    case Op::clip:
    case Op::nan_to_num:
      return ValueOrigin::elements;
    case Op::negative:
    case Op::abs:
    case Op::floor:
    case Op::ceil:
    case Op::trunc:
    case Op::round:
    case Op::add:
    case Op::subtract:
    case Op::hypot:
      return ValueOrigin::quantity;
    default:
      return ValueOrigin::other;
  }
}

}  // namespace varve::ops
