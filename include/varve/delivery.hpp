#pragma once

#include "varve/compute.hpp"

namespace varve {

/// Options of `for_each_block`.
struct BlockOptions {
  /// Extents of the blocks; absent: the array's natural chunks, made about 4 MiB where they are far from it.
  Chunks chunks = {};
};

/// Computes `x` and calls `visit(values, place)` for each of its blocks, one at a time, in any order: results
/// larger than memory, for code that takes them in pieces.
///
/// Memory:  tile by tile, inside the budget, whatever the size of x.
/// Errors:  those of `run`; what `visit` throws ends the run and is thrown again.
void for_each_block(const Array& x, const BlockSink& visit, const BlockOptions& options = {});
/// Does the same with a Runtime of the caller's.
void for_each_block(Runtime& runtime, const Array& x, const BlockSink& visit,
                    const BlockOptions& options = {});

/// Computes `x` into memory of the caller: a view of its shape and dtype, of any strides.
///
/// Memory:  that of the run, inside the budget; the caller's is not charged to it.
/// Errors:  ShapeError, DTypeError if the view does not fit x; ArgumentError if x reads memory that the view
///          writes; those of `run`, after which the values are unspecified.
void compute_into(const Array& x, const StridedView& target);
/// Does the same with a Runtime of the caller's.
void compute_into(Runtime& runtime, const Array& x, const StridedView& target);

}  // namespace varve
