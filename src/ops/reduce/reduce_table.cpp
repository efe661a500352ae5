#include "ops/reduce/reduce_table.hpp"

#include <iterator>

namespace varve::ops {
namespace {

using Op = kernels::ReduceOp;
using enum ReduceForm;

// In the order of the enumeration.
constexpr ReduceRow kRows[] = {
    {Op::sum, "sum", total, "Sum over axes; small integers add up in 64 bits", "", false, {}},
    {Op::prod, "prod", total, "Product over axes", "product", false, {}},
    {Op::min, "min", plain, "Least element over axes; NaN if there is one", "amin", true, {}},
    {Op::max, "max", plain, "Largest element over axes; NaN if there is one", "amax", true, {}},
    {Op::mean, "mean", average, "Arithmetic mean over axes; NaN if there is one", "", false, {}},
    {Op::var,
     "var",
     spread,
     "Variance over axes: the sum of squared differences from the mean / (n - ddof)",
     "",
     false,
     {}},
    {Op::std, "std", spread, "Standard deviation over axes: the square root of var", "", false, {}},
    {Op::any, "any", plain, "True if any element over axes is true, or not zero", "", false, {}, false},
    {Op::all, "all", plain, "True if all elements over axes are true, or not zero", "", false, {}, false},
    {Op::count_nonzero, "count_nonzero", plain, "Number of elements that are not zero", "", false, {}, false},
    {Op::argmin,
     "argmin",
     position,
     "Position of the least element along an axis (None: of all elements in order); the first of several",
     "",
     true,
     {},
     false},
    {Op::argmax,
     "argmax",
     position,
     "Position of the largest element along an axis (None: of all elements in order); the first of several",
     "",
     true,
     {},
     false},
    {Op::nansum, "nansum", total, "Sum over axes; NaN counts as 0", "", false, Op::sum},
    {Op::nanprod, "nanprod", total, "Product over axes; NaN counts as 1", "", false, Op::prod},
    {Op::nanmin, "nanmin", plain, "Least element over axes that is not NaN", "", true, Op::min},
    {Op::nanmax, "nanmax", plain, "Largest element over axes that is not NaN", "", true, Op::max},
    {Op::nanmean, "nanmean", average, "Mean over axes of the elements that are not NaN", "", false, Op::mean},
    {Op::nanvar, "nanvar", spread, "Variance over axes of the elements that are not NaN", "", false, Op::var},
    {Op::nanstd, "nanstd", spread, "Standard deviation over axes of the elements that are not NaN", "", false,
     Op::std},
    {Op::nanargmin, "nanargmin", position,
     "Position of the least element that is not NaN; the run fails where all are", "", true, Op::argmin,
     false, true},
    {Op::nanargmax, "nanargmax", position,
     "Position of the largest element that is not NaN; the run fails where all are", "", true, Op::argmax,
     false, true},
    {Op::nancount, "nancount", plain, "Number of elements that are not NaN", "", false, {}, false},
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

std::span<const ReduceRow> reduce_rows() noexcept { return kRows; }

const ReduceRow& reduce_row(kernels::ReduceOp op) noexcept { return kRows[static_cast<int>(op)]; }

}  // namespace varve::ops
