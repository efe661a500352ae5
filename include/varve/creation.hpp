#pragma once

#include <complex>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varve/array.hpp"
#include "varve/chunks.hpp"

namespace varve {

/// Options of the functions that make arrays.
struct CreationOptions {
  std::optional<DType> dtype = {};  ///< absent: float64, or what the values suggest
  Chunks chunks = {};               ///< natural chunks; absent: about 4 MiB, trailing axes whole
};

// Generated arrays are lazy too: their values are made tile by tile.
//
// Errors:  ShapeError for negative or absurd extents.

/// Makes an array of one value.
///
/// Dtype:   bool, int64, float64 or complex128 after the value, unless given.
/// Errors:  DTypeError for integers out of the dtype's range, NaN and infinities in integer dtypes, complex
///          numbers in real ones.
Array full(const Shape& shape, const Scalar& value, const CreationOptions& options = {});
/// Makes zeros.
///
/// Dtype:   float64 unless given.
Array zeros(const Shape& shape, const CreationOptions& options = {});
/// Makes ones.
///
/// Dtype:   float64 unless given.
Array ones(const Shape& shape, const CreationOptions& options = {});
/// Makes zeros too: nothing is left as it was.
Array empty(const Shape& shape, const CreationOptions& options = {});

/// Makes an array of one value in the shape of another. Dtype and chunks are those of `x`, unless given.
///
/// Errors:  those of `full`.
Array full_like(const Array& x, const Scalar& value, const CreationOptions& options = {});
/// Makes zeros in the shape of another array. Dtype and chunks are those of `x`, unless given.
Array zeros_like(const Array& x, const CreationOptions& options = {});
/// Makes ones in the shape of another array. Dtype and chunks are those of `x`, unless given.
Array ones_like(const Array& x, const CreationOptions& options = {});
/// Makes zeros too, as `zeros_like`.
Array empty_like(const Array& x, const CreationOptions& options = {});
/// Makes start, start + step, ... before stop.
///
/// Dtype:   int64 if all three are integers, else float64.
Array arange(const Scalar& start, const Scalar& stop, const Scalar& step = 1,
             const CreationOptions& options = {});
/// Makes 0, 1, ... stop - 1.
Array arange(const Scalar& stop, const CreationOptions& options = {});
/// Makes `count` evenly spaced values from start to stop; stop is left out if not `endpoint`.
Array linspace(double start, double stop, std::int64_t count, bool endpoint = true,
               const CreationOptions& options = {});
/// Makes complex values.
///
/// Dtype:   complex128, or complex64 if asked for.
Array linspace(std::complex<double> start, std::complex<double> stop, std::int64_t count,
               bool endpoint = true, const CreationOptions& options = {});
/// Makes ones on diagonal `k` of a matrix, zeros elsewhere. `columns` absent: as many as rows.
Array eye(std::int64_t rows, std::optional<std::int64_t> columns = {}, std::int64_t k = 0,
          const CreationOptions& options = {});

/// A function that fills the elements of `box` into `out` (C order, the box's shape). Called from several
/// threads at once, for boxes of the array's natural chunks or parts of them; may be called more than once
/// for the same box. It must not compute arrays itself (`run`, `compute`, `save`): the run that calls it
/// waits for it, so that is an Error.
using BoxFunction = std::function<void(const Box& box, const StridedView& out)>;

/// Makes an array whose values a function computes, box by box. The natural chunks should be given.
///
/// `identity` names the values, in this program and in later ones: arrays of equal identity, shape and dtype
/// count as equal, so it must change when the function does. Without one no two arrays are equal, and a run
/// of it cannot be resumed.
Array from_function(const Shape& shape, DType dtype, BoxFunction function,
                    const CreationOptions& options = {}, const std::string& identity = {});

/// Wraps memory that the caller keeps, without copying; `owner`, if given, is held as long as the array
/// lives.
///
/// Memory:  not charged to the budget, because it is the caller's.
Array from_memory(const ConstStridedView& view, std::shared_ptr<const void> owner = nullptr);

/// Copies values, in C order, into an array.
///
/// Memory:  the copy is outside the budget. Large arrays belong in a file, or in memory of the caller's
///          (`from_memory`).
/// Errors:  ShapeError if their number is not that of the shape.
template <class T>
Array from_values(const std::vector<T>& values, const Shape& shape) {
  if (static_cast<std::int64_t>(values.size()) != element_count(shape)) {
    throw ShapeError("from_values: " + std::to_string(values.size()) + " values do not fill the shape " +
                     to_string(shape) + "; give one value per element");
  }
  auto owner = std::make_shared<std::vector<T>>(values);
  const auto* first = reinterpret_cast<const std::byte*>(owner->data());
  return from_memory({first, dtype_of<T>(), shape}, owner);
}

}  // namespace varve
