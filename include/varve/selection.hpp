#pragma once

#include <optional>
#include <vector>

#include "varve/core/quantile_method.hpp"
#include "varve/reductions.hpp"

namespace varve {

struct QuantileOptions {
  Axes axis = {};
  QuantileMethod method = QuantileMethod::linear;
  bool keepdims = false;
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
// Errors:  ShapeError if an axis is out of range or repeated, or an integer is to be taken from nothing;
//          DTypeError for complex; ArgumentError for q outside [0, 1].

Array median(const Array& x, const ReduceOptions& options = {});
Array quantile(const Array& x, double q, const QuantileOptions& options = {});
Array quantile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
/// Does the same for quantiles in an array of any shape, whose axes come first. It is computed when this is
/// called.
Array quantile(const Array& x, const Array& q, const QuantileOptions& options = {});

/// Quantiles with q in percent, between 0 and 100.
Array percentile(const Array& x, double q, const QuantileOptions& options = {});
Array percentile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
Array percentile(const Array& x, const Array& q, const QuantileOptions& options = {});

// The forms that skip NaN.
Array nanmedian(const Array& x, const ReduceOptions& options = {});
Array nanquantile(const Array& x, double q, const QuantileOptions& options = {});
Array nanquantile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
Array nanquantile(const Array& x, const Array& q, const QuantileOptions& options = {});
Array nanpercentile(const Array& x, double q, const QuantileOptions& options = {});
Array nanpercentile(const Array& x, const std::vector<double>& q, const QuantileOptions& options = {});
Array nanpercentile(const Array& x, const Array& q, const QuantileOptions& options = {});

struct SortOptions {
  std::optional<std::int64_t> axis = -1;  ///< absent: all elements in C order, as one axis
  bool descending = false;
};

struct TopOptions {
  std::int64_t axis = -1;
  bool largest = true;
};

// Sorting.
//
// NaN is the greatest of all: last in ascending order, first in descending order; all NaN are one. -0.0
// equals 0.0. Complex numbers are ordered as in NumPy, by their real parts, then by their imaginary ones;
// those with a NaN follow in the order R + nan j, nan + R j, nan + nan j.
// Chunks:  the axis whole; of the others, elements whose rows take up to 32 MiB together. Of long rows: parts
//          of the axis of 8 MiB of what is sorted, one row at a time; shorter parts of rows side by side
//          where other axes follow.
// Memory:  one row along the axis at least; for `argsort` 16 to 32 bytes per element of a row and thread
//          besides. Of long rows (more than 16 MiB of what is sorted: elements; for `argsort` 8 to 24 bytes
//          each), whatever their length: some 32 to 64 MiB; from 8 GiB on a two-hundredth of a row.
// I/O:     reads x once; chunks that span several tiles once for each. Long rows are sorted in runs of 8 MiB,
//          or up to 1024 runs, that are held in scratch and read once more to be merged: they take what is
//          sorted and 1/64.
// Errors:  ShapeError if the axis is out of range.

/// Sorts along an axis. Shape and dtype: those of x.
Array sort(const Array& x, const SortOptions& options = {});
/// Returns the positions (int64) that sort along an axis; equal elements keep their order, descending too.
Array argsort(const Array& x, const SortOptions& options = {});
/// Returns the k largest elements along an axis, the largest first; or the k smallest, the smallest first.
/// Memory:  blocks of the axis, not the whole axis.
/// Errors:  ShapeError if the axis has fewer than k elements.
Array topk(const Array& x, std::int64_t k, const TopOptions& options = {});

/// Returns the distinct elements of the whole array, sorted (1-d); every NaN is distinct, as the Array API
/// says, so the result has all of them. This reads x when it is called, because the shape of the result
/// depends on the values.
/// Memory:  two times the distinct values, which may take an eighth of the budget; the result itself is
///          outside of it.
/// Errors:  BudgetError if there are too many.
Array unique_values(const Array& x);

}  // namespace varve
