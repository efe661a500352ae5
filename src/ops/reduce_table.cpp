#include "ops/reduce_table.hpp"

#include <iterator>

namespace varve::ops {
namespace {

using Op = kernels::ReduceOp;

// In the order of the enumeration.
constexpr ReduceRow kRows[] = {
    {Op::sum, "sum", false, {}},
    {Op::prod, "prod", false, {}},
    {Op::min, "min", true, {}},
    {Op::max, "max", true, {}},
    {Op::mean, "mean", false, {}},
    {Op::var, "var", false, {}},
    {Op::std, "std", false, {}},
    {Op::any, "any", false, {}, false},
    {Op::all, "all", false, {}, false},
    {Op::count_nonzero, "count_nonzero", false, {}, false},
    {Op::argmin, "argmin", true, {}, false},
    {Op::argmax, "argmax", true, {}, false},
    {Op::nansum, "nansum", false, Op::sum},
    {Op::nanprod, "nanprod", false, Op::prod},
    {Op::nanmin, "nanmin", true, Op::min},
    {Op::nanmax, "nanmax", true, Op::max},
    {Op::nanmean, "nanmean", false, Op::mean},
    {Op::nanvar, "nanvar", false, Op::var},
    {Op::nanstd, "nanstd", false, Op::std},
    {Op::nanargmin, "nanargmin", true, Op::argmin, false, true},
    {Op::nanargmax, "nanargmax", true, Op::argmax, false, true},
    {Op::nancount, "nancount", false, {}, false},
};
static_assert(std::size(kRows) == kernels::kReduceOpCount);

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].op != static_cast<Op>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

const ReduceRow& reduce_row(kernels::ReduceOp op) noexcept { return kRows[static_cast<int>(op)]; }

}  // namespace varve::ops
