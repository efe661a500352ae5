#include "cli/functions.hpp"
#include "varve/elementwise.hpp"
#include "varve/reductions.hpp"

namespace varve::cli {
namespace {

template <Array (*F)(const Array&, const ReduceOptions&)>
Value fold(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.axes("axis"), .keepdims = a.flag("keepdims")})};
}

// Returns x in the dtype that NumPy's dtype= names: that of the average, which no integer holds.
Array averaged(const Arguments& a) {
  const auto dtype = a.optional_dtype("dtype");
  if (!dtype) return a.array("x");
  if (is_floating(*dtype) || is_complex(*dtype)) return astype(a.array("x"), *dtype);
  a.wrong("dtype", "a floating or complex dtype");
}

template <Array (*F)(const Array&, const ReduceOptions&)>
Value average(const Arguments& a) {
  return {F(averaged(a), {.axis = a.axes("axis"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const SumOptions&)>
Value accumulate(const Arguments& a) {
  return {F(a.array("x"),
            {.axis = a.axes("axis"), .dtype = a.optional_dtype("dtype"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const VarianceOptions&)>
Value spread(const Arguments& a) {
  return {F(averaged(a),
            {.axis = a.axes("axis"), .correction = a.real("correction"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const ArgOptions&)>
Value position(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.optional_integer("axis"), .keepdims = a.flag("keepdims")})};
}

constexpr Function kFunctions[] = {
    {"sum(x, axis=None, dtype=None, keepdims=False)", "Sum over axes; small integers add up in 64 bits",
     accumulate<varve::sum>},
    {"prod(x, axis=None, dtype=None, keepdims=False)", "Product over axes", accumulate<varve::prod>},
    {"min(x, axis=None, keepdims=False)", "Least element over axes; NaN if there is one", fold<varve::min>},
    {"max(x, axis=None, keepdims=False)", "Largest element over axes; NaN if there is one", fold<varve::max>},
    {"mean(x, axis=None, keepdims=False, dtype=None)", "Arithmetic mean over axes; NaN if there is one",
     average<varve::mean>},
    {"var(x, axis=None, correction|ddof=0, keepdims=False, dtype=None)",
     "Variance over axes: the sum of squared differences from the mean / (n - ddof)", spread<varve::var>},
    {"std(x, axis=None, correction|ddof=0, keepdims=False, dtype=None)",
     "Standard deviation over axes: the square root of var", spread<varve::std>},
    {"any(x, axis=None, keepdims=False)", "True if any element over axes is true, or not zero",
     fold<varve::any>},
    {"all(x, axis=None, keepdims=False)", "True if all elements over axes are true, or not zero",
     fold<varve::all>},
    {"count_nonzero(x, axis=None, keepdims=False)", "Number of elements that are not zero",
     fold<varve::count_nonzero>},
    {"argmin(x, axis=None, keepdims=False)",
     "Position of the least element along an axis (None: of all elements in order); the first of several",
     position<varve::argmin>},
    {"argmax(x, axis=None, keepdims=False)",
     "Position of the largest element along an axis (None: of all elements in order); the first of several",
     position<varve::argmax>},
    {"nansum(x, axis=None, dtype=None, keepdims=False)", "Sum over axes; NaN counts as 0",
     accumulate<varve::nansum>},
    {"nanprod(x, axis=None, dtype=None, keepdims=False)", "Product over axes; NaN counts as 1",
     accumulate<varve::nanprod>},
    {"nanmin(x, axis=None, keepdims=False)", "Least element over axes that is not NaN", fold<varve::nanmin>},
    {"nanmax(x, axis=None, keepdims=False)", "Largest element over axes that is not NaN",
     fold<varve::nanmax>},
    {"nanmean(x, axis=None, keepdims=False, dtype=None)", "Mean over axes of the elements that are not NaN",
     average<varve::nanmean>},
    {"nanvar(x, axis=None, correction|ddof=0, keepdims=False, dtype=None)",
     "Variance over axes of the elements that are not NaN", spread<varve::nanvar>},
    {"nanstd(x, axis=None, correction|ddof=0, keepdims=False, dtype=None)",
     "Standard deviation over axes of the elements that are not NaN", spread<varve::nanstd>},
    {"nanargmin(x, axis=None, keepdims=False)",
     "Position of the least element that is not NaN; the run fails where all are",
     position<varve::nanargmin>},
    {"nanargmax(x, axis=None, keepdims=False)",
     "Position of the largest element that is not NaN; the run fails where all are",
     position<varve::nanargmax>},
    {"nancount(x, axis=None, keepdims=False)", "Number of elements that are not NaN", fold<varve::nancount>},
};

}  // namespace

std::span<const Function> reduction_functions() noexcept { return kFunctions; }

}  // namespace varve::cli
