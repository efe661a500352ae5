#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve {

/// Options of most reductions.
struct ReduceOptions {
  Axes axis = {};         ///< folded; absent: all
  bool keepdims = false;  ///< keeps the axes, with extent 1
};

/// Options of sums and products.
struct SumOptions {
  Axes axis = {};                   ///< folded; absent: all
  std::optional<DType> dtype = {};  ///< accumulates in, and gives, this dtype
  bool keepdims = false;            ///< keeps the axes, with extent 1
};

/// Options of variances and standard deviations.
struct VarianceOptions {
  Axes axis = {};           ///< folded; absent: all
  double correction = 0.0;  ///< degrees of freedom taken off the divisor: 0 population, 1 sample
  bool keepdims = false;    ///< keeps the axes, with extent 1
};

/// Options of reductions that give a position.
struct ArgOptions {
  std::optional<Axis> axis = {};  ///< absent: the position in the flattened array
  bool keepdims = false;          ///< keeps the axes, with extent 1
};

// Reductions.
//
// Shape:   the axes are removed, or kept with extent 1 if `keepdims`.
// Chunks:  kept on the axes that remain.
// Memory:  streamed: one block of the input and one accumulator per thread.
// I/O:     reads x once; several reductions computed together share one read.
// Bits:    the same for any thread count, budget and tile shape: the order of additions follows from the
//          shape and the natural chunks alone. float32 and float16 accumulate in float64, integers in 64 bits
//          (wrapping).
// Errors:  ShapeError if an axis is out of range or repeated, or if min, max, arg* have nothing to reduce;
//          DTypeError.

/// Adds the elements.
///
/// Dtype:   bool and signed integers give int64, unsigned uint64; floats keep their type.
Array sum(const Array& x, const SumOptions& options = {});
/// Multiplies the elements.
///
/// Dtype:   as `sum`.
Array prod(const Array& x, const SumOptions& options = {});
/// Returns the smallest element; NaN if there is one.
Array min(const Array& x, const ReduceOptions& options = {});
/// Returns the largest element; NaN if there is one.
Array max(const Array& x, const ReduceOptions& options = {});
/// Returns the arithmetic mean; NaN of nothing.
///
/// Dtype:   integers give float64.
Array mean(const Array& x, const ReduceOptions& options = {});
/// Returns the variance, sum(|x - mean|^2) / max(n - correction, 0): where no divisor is left, infinity, or
/// NaN if nothing deviates, as in NumPy.
///
/// Source:  Chan, Golub, LeVeque (1979), one pass.
Array var(const Array& x, const VarianceOptions& options = {});
/// Returns the standard deviation, the root of `var`: NumPy's `std`, which C++ has a namespace for.
Array stddev(const Array& x, const VarianceOptions& options = {});
/// Tells whether any element is non-zero.
Array any(const Array& x, const ReduceOptions& options = {});
/// Tells whether all elements are non-zero.
Array all(const Array& x, const ReduceOptions& options = {});
/// Counts the non-zero elements (int64).
Array count_nonzero(const Array& x, const ReduceOptions& options = {});
/// Returns the position (int64) of the first smallest element; of the first NaN if there is one.
Array argmin(const Array& x, const ArgOptions& options = {});
/// Returns the position (int64) of the first largest element; of the first NaN if there is one.
Array argmax(const Array& x, const ArgOptions& options = {});

// The forms that skip NaN. Slices without numbers: nansum 0, nanprod 1, the others NaN; for nanarg* there is
// no position then, and the run fails with an Error that names the element of the result.
/// Adds the numbers.
///
/// Dtype:   as `sum`.
Array nansum(const Array& x, const SumOptions& options = {});
/// Multiplies the numbers.
///
/// Dtype:   as `sum`.
Array nanprod(const Array& x, const SumOptions& options = {});
/// Returns the smallest number.
Array nanmin(const Array& x, const ReduceOptions& options = {});
/// Returns the largest number.
Array nanmax(const Array& x, const ReduceOptions& options = {});
/// Returns the arithmetic mean of the numbers.
///
/// Dtype:   as `mean`.
Array nanmean(const Array& x, const ReduceOptions& options = {});
/// Returns the variance of the numbers; NaN where n - correction is not positive, as in NumPy.
Array nanvar(const Array& x, const VarianceOptions& options = {});
/// Returns the standard deviation of the numbers, the root of `nanvar`.
Array nanstd(const Array& x, const VarianceOptions& options = {});
/// Returns the position (int64) of the first smallest number.
Array nanargmin(const Array& x, const ArgOptions& options = {});
/// Returns the position (int64) of the first largest number.
Array nanargmax(const Array& x, const ArgOptions& options = {});
/// Counts the elements that are not NaN (int64).
Array nancount(const Array& x, const ReduceOptions& options = {});

// Axes alone may stand for the options: mean(x, 0), mean(x, {"lat", "lon"}), argmax(x, "time").
#define VARVE_TAKES_AXIS(function, Options)          \
  template <AxisLike T>                              \
  Array function(const Array& x, const T& axis) {    \
    return function(x, Options{.axis = Axis(axis)}); \
  }
#define VARVE_TAKES_AXES(function, Options)                                           \
  VARVE_TAKES_AXIS(function, Options)                                                 \
  template <AxisLike T>                                                               \
  Array function(const Array& x, std::initializer_list<T> axes) {                     \
    return function(x, Options{.axis = std::vector<Axis>(axes.begin(), axes.end())}); \
  }
VARVE_TAKES_AXES(sum, SumOptions)
VARVE_TAKES_AXES(prod, SumOptions)
VARVE_TAKES_AXES(nansum, SumOptions)
VARVE_TAKES_AXES(nanprod, SumOptions)
VARVE_TAKES_AXES(min, ReduceOptions)
VARVE_TAKES_AXES(max, ReduceOptions)
VARVE_TAKES_AXES(mean, ReduceOptions)
VARVE_TAKES_AXES(any, ReduceOptions)
VARVE_TAKES_AXES(all, ReduceOptions)
VARVE_TAKES_AXES(count_nonzero, ReduceOptions)
VARVE_TAKES_AXES(nanmin, ReduceOptions)
VARVE_TAKES_AXES(nanmax, ReduceOptions)
VARVE_TAKES_AXES(nanmean, ReduceOptions)
VARVE_TAKES_AXES(nancount, ReduceOptions)
VARVE_TAKES_AXES(var, VarianceOptions)
VARVE_TAKES_AXES(stddev, VarianceOptions)
VARVE_TAKES_AXES(nanvar, VarianceOptions)
VARVE_TAKES_AXES(nanstd, VarianceOptions)
VARVE_TAKES_AXIS(argmin, ArgOptions)
VARVE_TAKES_AXIS(argmax, ArgOptions)
VARVE_TAKES_AXIS(nanargmin, ArgOptions)
VARVE_TAKES_AXIS(nanargmax, ArgOptions)
#undef VARVE_TAKES_AXES
#undef VARVE_TAKES_AXIS

}  // namespace varve
