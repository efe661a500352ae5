#pragma once

#include <optional>

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve {

/// Options of scans.
struct ScanOptions {
  std::optional<Axis> axis = {};    ///< may be left out for 1-d arrays
  std::optional<DType> dtype = {};  ///< computes in, and gives, this dtype
  bool include_initial = false;     ///< puts the result for nothing before the first element
};

// Scans: running totals along an axis.
//
// Shape:   that of x; one more along the axis if `include_initial`.
// Chunks:  kept; along the axis several are joined where they are thin.
// Memory:  16 bytes per element of a tile without the axis, and a piece of the input: max(chunk, 1 MiB) per
//          thread.
// I/O:     reads x twice where the axis has several blocks of chunks, else once; keeps one total per block.
// Bits:    the same for any thread count, budget and tile shape. float32 and float16 accumulate in float64.
// Errors:  ShapeError if the axis is out of range, or missing for several dimensions; DTypeError.

/// Adds the elements up.
///
/// Dtype:   bool and signed integers give int64, unsigned uint64; floats keep their type.
Array cumulative_sum(const Array& x, const ScanOptions& options = {});
/// Multiplies the elements up.
///
/// Dtype:   as `cumulative_sum`.
Array cumulative_prod(const Array& x, const ScanOptions& options = {});
/// Keeps the largest element so far; NaN from the first one on.
///
/// Dtype:   that of x, unless `dtype` says otherwise.
/// Errors:  ArgumentError for `include_initial`: nothing has no largest element.
Array cumulative_max(const Array& x, const ScanOptions& options = {});

}  // namespace varve
