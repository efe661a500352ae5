#pragma once

#include "varve/array.hpp"

namespace varve {

/// Takes the elements of x where `mask`, an array of bool, is true: NumPy's `x[mask]`. The mask has the shape
/// of x, or of its leading axes. It is computed once when the expression is built, to count, and again, box
/// by box, when the elements are taken.
///
/// Shape:   one axis, of as many elements as are true in C order, in place of the axes of the mask.
/// Dtype:   kept.
/// Chunks:  about as many rows as a row of the chunks of x gives.
/// Memory:  per tile, the mask and the elements of a row of chunks, at most 160 MiB; 16 bytes per million
///          elements of the mask are kept with the expression.
/// I/O:     reads the mask twice, x once; chunks that both need are decoded once where x and the mask are
///          chunked alike.
/// Errors:  DTypeError if the mask is not bool; IndexError if its shape is not that of the leading axes;
///          those of `compute`.
Array extract(const Array& x, const Array& mask);

}  // namespace varve
