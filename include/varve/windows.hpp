#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "varve/array.hpp"
#include "varve/boundary.hpp"

namespace varve {

// Elements that follow from their neighbourhoods, as in scipy.ndimage.
//
// Shape:   kept.
// Chunks:  those of x, joined along axes with wide windows until neighbours are read seldom (about 16 MiB at
//          most).
// Memory:  per tile, the tile grown by the reach of the window; per thread, about 2 MiB for the filters that
//          go axis by axis.
// I/O:     what the windows of neighbouring tiles share is read by each.
// Errors:  ShapeError if the numbers of parameters and axes differ. DTypeError for bool, for a value beyond
//          the ends that is none of the dtype (not whole or out of range for integers, complex for real
//          dtypes), and for complex weights.

/// A function that computes a box of a result: `grown` is the box and `depth` elements around it, `out` is
/// the box itself, `location` says where it lies. Called from several threads at once, for boxes of any size;
/// a result may depend on its window alone.
using OverlapFunction =
    std::function<void(const ConstStridedView& grown, const StridedView& out, const Box& location)>;

/// Options of `map_overlap`.
struct OverlapOptions {
  std::vector<std::int64_t> depth = {1};  ///< per axis, or one for all; may exceed chunks and extents
  Boundary mode = Boundary::reflect;      ///< what stands beyond the ends
  Scalar constant = 0;                    ///< beyond the ends, for Boundary::constant
  std::optional<DType> dtype = {};        ///< of the result; absent: that of x
  /// Names the function, in this program and in later ones: results of equal identity and inputs count as
  /// equal, so it must change when the function does. Without one a run cannot be resumed.
  std::string identity = {};
};

/// Applies a function to overlapping boxes.
///
/// Dtype:   kept, or as given.
/// Errors:  Error if the function is empty.
Array map_overlap(const Array& x, OverlapFunction function, const OverlapOptions& options = {});

/// Options of filters.
struct FilterOptions {
  Boundary mode = Boundary::reflect;  ///< what stands beyond the ends
  Scalar constant = 0;                ///< beyond the ends, for Boundary::constant
  /// Moves the window, towards lower indices if positive; per axis, or one for all.
  std::vector<std::int64_t> origin = {0};
};

/// Averages over windows of `size` elements, per axis or one for all, axis by axis.
///
/// Dtype:   kept; computed in float64, converted after each axis: integers truncate. Equal elements stay what
///          they are.
/// Errors:  ShapeError also for sizes below 1, and for origins that move the window off its element;
///          ArgumentError for sizes beyond 65536: each result adds up its whole window.
Array uniform_filter(const Array& x, const std::vector<std::int64_t>& size,
                     const FilterOptions& options = {});

/// Options of `gaussian_filter`.
struct GaussianOptions {
  Boundary mode = Boundary::reflect;  ///< what stands beyond the ends
  Scalar constant = 0;                ///< beyond the ends, for Boundary::constant
  double truncate = 4;                ///< the window ends after so many sigma
};

/// Smooths with a Gaussian of standard deviation `sigma`, per axis or one for all, axis by axis; 0 leaves an
/// axis as it is.
///
/// Dtype:   kept; computed in float64, converted after each axis: integers truncate, but an average that is
///          within the rounding error of float64 below an integer is that integer, so that equal elements
///          stay what they are (in scipy.ndimage 255 may become 254 at each axis).
/// Errors:  ArgumentError for negative or infinite sigmas, and for windows of more than 65536 elements.
Array gaussian_filter(const Array& x, const std::vector<double>& sigma, const GaussianOptions& options = {});

/// Adds up the neighbours of each element, each weighted by the element of `weights` that lies over it when
/// its centre lies over the element. `weights`: an array with as many axes as x, small; it is computed when
/// the expression is built. Neighbours of weight 0 do not count, infinite ones neither, as in scipy.ndimage;
/// but that takes weights of up to 2.2e-16 for 0, which count here.
///
/// Dtype:   kept; computed in float64; integers truncate (as in `gaussian_filter`) and saturate.
Array correlate(const Array& x, const Array& weights, const FilterOptions& options = {});

/// Does the same with the weights reversed along each axis.
Array convolve(const Array& x, const Array& weights, const FilterOptions& options = {});

/// Adds up the second differences along all axes.
///
/// Dtype:   kept; computed in float64; integers saturate.
Array laplace(const Array& x, const FilterOptions& options = {});

}  // namespace varve
