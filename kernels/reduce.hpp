#pragma once

#include "kernels/vector.hpp"

namespace varve::kernels {

/// Names every reduction kernel. `mean` is a sum, finished by a division; `std` is `var`, finished by a root.
enum class ReduceOp : std::uint8_t {
  sum,
  prod,
  min,
  max,
  mean,
  var,
  std,
  any,
  all,
  count_nonzero,
  argmin,
  argmax,
  nansum,
  nanprod,
  nanmin,
  nanmax,
  nanmean,
  nanvar,
  nanstd,
  nanargmin,
  nanargmax,
  nancount /* of non-NaN elements */,
};

inline constexpr int kReduceOpCount = static_cast<int>(ReduceOp::nancount) + 1;

/// The largest number of arrays ("planes") that an accumulator state is made of.
inline constexpr int kMaxPlanes = 3;

/// A reduction for one input dtype. The state of n output elements is `plane_count` dense arrays of n
/// elements each (structure of arrays). For example: sum of float32 has one float64 plane; var has two (mean,
/// sum of squared deviations), nanvar three (count, mean, m2); argmax two (value, int64 index).
///
/// Order and bits: the result of each function depends only on the values and the lengths given to this call,
/// never on alignment, other output elements or instruction-set width: `accumulate_along` reduces a segment
/// with a fixed number of lanes (16) and a fixed tree, then adds the segment's partial to the state once;
/// `accumulate_across` adds one element to each state. Integers accumulate in 64 bits and wrap; float32 in
/// float64; complex64 in complex128. min and max propagate NaN (the nan* forms skip it); arg* return the
/// first of equals, and the first NaN if there is one, as NumPy does.
struct ReduceKernel {
  int plane_count = 0;
  std::int64_t plane_bytes[kMaxPlanes] = {};  ///< bytes per element of each plane
  DType output_dtype = DType::float64;        ///< what `finish` writes

  /// Sets n states to "nothing accumulated yet".
  void (*init)(void* const* planes, std::int64_t n) noexcept = nullptr;

  /// state[i] gets values[i]. `count_before` elements went into each state already; `index` is the flat
  /// position, in the reduced index space, of all these elements (arg* record it).
  void (*accumulate_across)(void* const* planes, const void* values, std::int64_t n,
                            std::int64_t count_before, std::int64_t index) noexcept = nullptr;

  /// The one state at `planes` gets the dense segment values[0..length). `index` is the flat position of the
  /// first; the others follow by one.
  void (*accumulate_along)(void* const* planes, const void* values, std::int64_t length,
                           std::int64_t count_before, std::int64_t index) noexcept = nullptr;

  /// left[i] absorbs right[i], which holds later elements (arg* go by the recorded index, so there any order
  /// will do). The memories do not overlap. Counts are the numbers of elements behind each state.
  void (*merge)(void* const* left, const void* const* right, std::int64_t n, std::int64_t left_count,
                std::int64_t right_count) noexcept = nullptr;

  /// Writes n results, dense. `count` elements went into each state; `correction` is that of var and std
  /// (divisor count - correction; where that is not positive, infinity, or NaN if all elements are equal).
  /// All-NaN slices give NaN (nansum 0, nanprod 1; nanarg*: -1).
  void (*finish)(void* const* planes, void* output, std::int64_t n, std::int64_t count,
                 double correction) noexcept = nullptr;

  /// Adds `rows` rows of n values, `row_bytes` apart, to n states: the bits are those of `accumulate_across`
  /// row after row, the states are swept less often. Null where an operation has no such form.
  void (*accumulate_rows)(void* const* planes, const void* values, std::int64_t row_bytes, std::int64_t rows,
                          std::int64_t n) noexcept = nullptr;
};

/// Returns the reduction for an input dtype, or null where it does not exist (min of complex, any float16:
/// cast first).
/// output_dtype: sum/prod keep uint64/int64/complex and float dtypes (bool, small signed -> int64, small
/// unsigned -> uint64); mean/var/std: float32 -> float32, float64 -> float64, integers -> float64, complex ->
/// itself (var: real); min/max keep the dtype; any/all -> bool; count* and arg* -> int64. The nan* forms
/// exist for floating dtypes (and complex for nansum, nanprod, nanmean, nancount); for integers the caller
/// uses the plain form.
[[nodiscard]] const ReduceKernel* find_reduce(ReduceOp op, DType input_dtype) noexcept;

}  // namespace varve::kernels
