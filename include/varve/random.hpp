#pragma once

#include "varve/creation.hpp"

namespace varve::random {

/// Options of random arrays.
struct RandomOptions {
  /// Absent: one of its own for each array that the process makes, the same in every process that makes them
  /// in the same order.
  std::optional<std::uint64_t> seed = {};
  /// For uniform and normal float64 or float32; for integers any integer dtype, or bool.
  std::optional<DType> dtype = {};
  Chunks chunks = {};  ///< natural chunks; absent: about 4 MiB, trailing axes whole
};

// Random arrays, by Philox4x32-10 (Salmon et al., SC'11): each element is a function of the seed and of its
// position in C order, so values depend neither on chunks nor on threads, and any part can be made without
// the rest. Equal seeds give equal values; the three functions are independent of each other for one seed.
//
// Memory:  none of their own: values are made tile by tile.
// Errors:  ShapeError for impossible shapes, DTypeError, ArgumentError for bounds that hold no value.

/// Draws from [low, high) evenly; `low` itself if both are equal.
///
/// Dtype:   float64 unless given.
/// Errors:  ArgumentError also for bounds, or a distance between them, that are not finite.
Array uniform(const Shape& shape, double low = 0.0, double high = 1.0, const RandomOptions& options = {});
/// Draws from the normal distribution.
///
/// Dtype:   float64 unless given.
/// Errors:  ArgumentError for a deviation that is negative, and for parameters that are not finite.
Array normal(const Shape& shape, double mean = 0.0, double deviation = 1.0,
             const RandomOptions& options = {});
/// Draws integers from [low, high), all equally likely.
///
/// Dtype:   int64 unless given; it must hold `low` and the one before `high`.
Array integers(const Shape& shape, const Scalar& low, const Scalar& high, const RandomOptions& options = {});

}  // namespace varve::random
