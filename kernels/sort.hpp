#pragma once

#include "varve/core/dtype.hpp"

namespace varve::kernels {

/// Sorts rows of one dtype by way of keys: unsigned integers of the same size that order elements as their
/// values do. NaN, which becomes one and the same, is the greatest. Complex numbers are ordered by their real
/// parts, then by their imaginary ones; those with a NaN come after all others: with a NaN as imaginary part
/// first, as real part next, both last. Keys are complemented to sort in descending order.
struct SortKernel {
  std::int64_t item_bytes = 0;  ///< of a key with the position it came from

  /// Replaces n elements by their keys; and back.
  void (*to_keys)(void* row, std::int64_t n, bool descending) noexcept = nullptr;
  void (*from_keys)(void* row, std::int64_t n, bool descending) noexcept = nullptr;
  /// Puts the `most` least keys of n in front, sorted; the order of the others is unspecified.
  void (*sort_keys)(void* keys, std::int64_t n, std::int64_t most) noexcept = nullptr;
  /// Writes the positions of the `most` least keys of n < 2^32, sorted, equal ones in the order of the row,
  /// using memory for n items. -0.0 and 0.0 are equal.
  void (*positions)(const void* keys, std::int64_t n, std::int64_t most, void* items,
                    std::int64_t* positions) noexcept = nullptr;
  /// Makes items (kernels/merge.hpp) of n keys that come from the positions `first` and following; keys of
  /// less than 8 bytes give wide items only if `wide`. -0.0 and 0.0 are equal.
  void (*to_items)(const void* keys, std::int64_t n, std::int64_t first, bool wide,
                   void* items) noexcept = nullptr;
  /// Gives -0.0 the key of 0.0, in ascending order.
  void (*join_zeros)(void* keys, std::int64_t n) noexcept = nullptr;
  /// Drops repeated keys of n sorted ones, but none with a NaN, in ascending order; returns how many are
  /// left.
  std::int64_t (*drop_repeated)(void* keys, std::int64_t n) noexcept = nullptr;
  /// Merges sorted keys without repetitions into memory for all of them; returns how many there are, none
  /// repeated but those with a NaN.
  std::int64_t (*merge)(const void* left, std::int64_t left_count, const void* right,
                        std::int64_t right_count, void* merged) noexcept = nullptr;
};

/// Returns the kernel for a dtype, or null for float16 (cast first).
[[nodiscard]] const SortKernel* find_sort(DType dtype) noexcept;

}  // namespace varve::kernels
