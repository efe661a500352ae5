#pragma once

#include <utility>
#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"
#include "varve/boundary.hpp"

namespace varve {

/// The order of elements in `reshape`: the last index runs fastest (c), or the first (f).
enum class Order : std::uint8_t { c, f };

/// Gives the elements, in that order, another shape. One extent may be -1: it follows from the others.
///
/// Shape:   as given.
/// Dtype:   kept.
/// Chunks:  kept on axes that stay; those that are joined or split get about as many elements as one row of
///          chunks.
/// Memory:  up to 256 KiB: stretches of the elements are read straight into their place; short ones are
///          picked from the rows around them.
/// Errors:  ShapeError if the numbers of elements differ, or more than one extent is -1.
Array reshape(const Array& x, const Shape& shape, Order order = Order::c);

/// Joins all axes into one, in that order of the elements.
Array ravel(const Array& x, Order order = Order::c);

/// Moves elements along axes; those pushed over the end come in at the front. `axis` absent: along the
/// elements in C order.
///
/// Shape:   kept.
/// Dtype:   kept.
/// Chunks:  those of x, moved.
/// Memory:  none of its own.
/// Errors:  ShapeError if an axis is out of range, or the numbers of shifts and axes differ and neither is 1.
Array roll(const Array& x, const std::vector<std::int64_t>& shift, const Axes& axis = {});

/// Options of `pad`.
struct PadOptions {
  Boundary mode = Boundary::constant;  ///< what is put beyond the ends
  Scalar constant = 0;  ///< for Boundary::constant: a value of the array's dtype; floats are rounded
};

/// Adds `widths[axis].first` elements before and `.second` after each axis; a single pair counts for all
/// axes.
///
/// Shape:   the widths are added; they may exceed the extents.
/// Dtype:   kept.
/// Chunks:  those of x, where it lies.
/// Memory:  none of its own: elements of x are read into their place, and repeated from there.
/// Errors:  ShapeError for negative widths, a wrong number of them, more elements than can be counted, or an
///          empty axis that has nothing to repeat; DTypeError for a constant that is none of the dtype: what
///          is not whole or out of range for integers, complex numbers for real dtypes.
Array pad(const Array& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths,
          const PadOptions& options = {});

}  // namespace varve
