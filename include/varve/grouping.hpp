#pragma once

#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve {

/// The reduction of the elements of a group.
enum class GroupOp : std::uint8_t {
  sum,
  mean,
  min,
  max,
  count,
  var,
  std,
  first,
  last,
  prod,
  nansum,
  nanmean,
  nanmin,
  nanmax,
  nanvar,
  nanstd,  // skip NaN
};

/// Options of `groupby_reduce`.
struct GroupOptions {
  /// The axes of x that those of the labels run along, in their order. Absent: all, if the labels have the
  /// shape of x; otherwise the first.
  Axes axis = {};
  double correction = 0.0;  ///< var, std: taken off the divisor, as in varve/reductions.hpp
  /// Ascending edges. Groups are then the intervals between neighbours, those without rows too, in place of
  /// the distinct labels.
  std::vector<double> bins = {};
  bool right = true;  ///< intervals take in their upper edge, (a, b], as pandas and xarray have it; or [a, b)
};

/// Reduces the rows of each distinct label along an axis (or the elements of several axes). Labels that are
/// NaN, or in no interval, belong to no group.
///
/// Shape:   the axis, or the first of several, becomes the groups, in ascending order of labels: those of
///          `unique_values(labels)` that are not NaN, or one per interval. Other axes of labels are removed.
/// Dtype:   count int64; first, last that of x; all others as the reductions of these names.
/// Chunks:  all groups; the other axes' chunks, cut until the accumulators take about 16 MiB.
/// Memory:  one accumulator per group and element of a tile without the axis, and pieces of rows of 4 MiB per
///          thread. Besides, as long as the expression lives, 4 bytes per row, charged to the budget, and 8
///          per group, which are not. While it is built, the distinct labels may take an eighth of the
///          budget.
/// I/O:     reads x once, tile by tile of the other axes, where the accumulators of all groups fit the budget
///          for at least one element; otherwise once for each part of the groups. Reads the labels twice,
///          when it is called. first and last by labels along several axes lay x out with these joined, in
///          scratch if it is large.
/// Bits:    the same for any thread count, budget and tile shape: rows are taken in order; along several axes
///          chunk by chunk.
/// Values:  as the reductions: NaN gives NaN. `count` counts what is not NaN; `first` and `last` give the
///          element that stands there, also a NaN. Of an interval without rows: count, sum 0, prod 1, the
///          others NaN. Labels are compared with edges as float64.
/// Errors:  ShapeError if the labels are not one per row; DTypeError for labels that are complex, or where
///          the reduction is not defined; ArgumentError for edges that do not ascend, and for min, max, first
///          and last of an interval without rows where the dtype has no NaN; BudgetError if the labels do not
///          fit.
Array groupby_reduce(const Array& x, const Array& labels, GroupOp func, const GroupOptions& options = {});

}  // namespace varve
