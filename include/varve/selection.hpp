#pragma once

#include <optional>
#include <vector>

#include "varve/core/quantile_method.hpp"
#include "varve/reductions.hpp"

namespace varve {

/// Options of quantiles.
struct QuantileOptions {
  Axes axis = {};                                  ///< folded; absent: all
  QuantileMethod method = QuantileMethod::linear;  ///< between two elements
  bool keepdims = false;                           ///< keeps the axes, with extent 1
};

// Order statistics.
//
// Shape:   the axes are removed, or kept with extent 1 if `keepdims`; several quantiles give a leading axis.
// Dtype:   floats keep their type; integers and bool give float64, or keep theirs where the method takes
//          elements: lower, higher, nearest, inverted_cdf, closest_observation.
// Chunks:  kept elements whose folded elements take up to 32 MiB together.
// Memory:  all folded elements of one kept element at least, while these take up to 64 MiB (1 MiB where all
//          axes are folded). Beyond that histograms of up to 4 MiB per thread, and chunks.
// I/O:     reads x once; chunks that span several tiles of kept elements once for each. Beyond the limits
//          above: once per 16 bits of the dtype.
// Values:  of the elements that the method asks for, not estimates; where the result is float64, 64-bit
//          integers beyond 2^53 are rounded to it. Between an infinity and a number stands the infinity. NaN
//          if there is one (the nan forms skip it) or if there is nothing.
// Source:  beyond the limits above, selection by histograms of leading bits, as in radix sorting: Knuth, The
//          Art of Computer Programming, volume 3, 5.2.5.
// Errors:  ShapeError if an axis is out of range or repeated, or an integer is to be taken from nothing;
//          DTypeError for complex; ArgumentError for q outside [0, 1].

/// Returns the median: the quantile 0.5, linear between two elements.
Array median(const Array& x, const ReduceOptions& options = {});
/// Returns a quantile, 0 <= q <= 1.
Array quantile(const Array& x, double q, const QuantileOptions& options = {});
/// Returns several quantiles, along a leading axis.
Array quantile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
/// Does the same for quantiles in an array of any shape, whose axes come first. It is computed when this is
/// called.
Array quantile(const Array& x, const Array& q, const QuantileOptions& options = {});

/// Returns a quantile, q in percent: 0 <= q <= 100.
Array percentile(const Array& x, double q, const QuantileOptions& options = {});
/// Returns several, along a leading axis.
Array percentile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
/// Returns those in an array of any shape, whose axes come first. It is computed when this is called.
Array percentile(const Array& x, const Array& q, const QuantileOptions& options = {});

// The forms that skip NaN.
/// Returns the median of the numbers.
Array nanmedian(const Array& x, const ReduceOptions& options = {});
/// Returns a quantile of the numbers.
Array nanquantile(const Array& x, double q, const QuantileOptions& options = {});
/// Returns several quantiles of the numbers, along a leading axis.
Array nanquantile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
/// Returns those in an array of any shape, whose axes come first. It is computed when this is called.
Array nanquantile(const Array& x, const Array& q, const QuantileOptions& options = {});
/// Returns a quantile of the numbers, q in percent.
Array nanpercentile(const Array& x, double q, const QuantileOptions& options = {});
/// Returns several quantiles of the numbers, q in percent.
Array nanpercentile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
/// Returns those in an array of any shape, q in percent. It is computed when this is called.
Array nanpercentile(const Array& x, const Array& q, const QuantileOptions& options = {});

/// Options of `sort` and `argsort`.
struct SortOptions {
  std::optional<Axis> axis = -1;  ///< absent: all elements in C order, as one axis
  bool descending = false;        ///< the largest first
};

/// Options of `topk`.
struct TopOptions {
  Axis axis = -1;       ///< along which the elements are compared
  bool largest = true;  ///< or the smallest
};

// Sorting.
//
// NaN is the greatest of all: last in ascending order, first in descending order; all NaN are one. -0.0
// equals 0.0. Complex numbers are ordered as in NumPy, by their real parts, then by their imaginary ones;
// those with a NaN follow in the order R + nan j, nan + R j, nan + nan j.
//
// Chunks:  the axis whole; of the others, elements whose rows take up to 32 MiB together. Of long rows: parts
//          of the axis of 8 MiB of what is sorted, one row at a time; shorter parts of rows side by side
//          where other axes follow.
// Memory:  one row along the axis at least; for `argsort` 16 to 32 bytes per element of a row and thread
//          besides. Of long rows (more than 16 MiB of what is sorted: elements; for `argsort` 8 to 24 bytes
//          each), whatever their length: some 32 to 64 MiB; from 8 GiB on a two-hundredth of a row.
// I/O:     reads x once; chunks that span several tiles once for each. `sort` and `argsort` of one array that
//          are computed together, as they are, read it once for both, but for long rows. These are sorted in
//          runs of 8 MiB, or up to 1024 runs, that are held in scratch and read once more to be merged: they
//          take what is sorted and 1/64.
// Source:  of long rows, sorted runs and a merge: Knuth, The Art of Computer Programming, volume 3, 5.4.
// Errors:  ShapeError if the axis is out of range.

/// Sorts along an axis. Shape and dtype: those of x.
Array sort(const Array& x, const SortOptions& options = {});
/// Returns the positions (int64) that sort along an axis; equal elements keep their order, descending too.
Array argsort(const Array& x, const SortOptions& options = {});
/// Returns the k largest elements along an axis, the largest first; or the k smallest, the smallest first.
///
/// Memory:  blocks of the axis, not the whole axis.
/// Errors:  ShapeError if the axis has fewer than k elements.
Array topk(const Array& x, std::int64_t k, const TopOptions& options = {});

/// Returns the distinct elements of the whole array, sorted (1-d); every NaN is distinct, as the Array API
/// says, so the result has all of them. This reads x when it is called, because the shape of the result
/// depends on the values.
///
/// Memory:  two times the distinct values, which may take an eighth of the budget; the result itself is
///          outside of it.
/// Errors:  BudgetError if there are too many.
Array unique_values(const Array& x);

}  // namespace varve
