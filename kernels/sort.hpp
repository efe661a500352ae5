#pragma once

#include "varve/core/dtype.hpp"

namespace varve::kernels {

/// Sorts rows of one dtype by way of keys: unsigned integers of the same size that order elements as their
/// values do. NaN, which becomes one and the same, is the greatest. Keys are complemented to sort in
/// descending order.
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
  /// Makes items (kernels/merge.hpp) of n keys that come from the positions `first` and following; narrow
  /// keys give wide items only if `wide`. -0.0 and 0.0 are equal.
  void (*to_items)(const void* keys, std::int64_t n, std::int64_t first, bool wide,
                   void* items) noexcept = nullptr;
  /// Gives -0.0 the key of 0.0, in ascending order.
  void (*join_zeros)(void* keys, std::int64_t n) noexcept = nullptr;
  /// Drops repeated keys of n sorted ones; returns how many are left.
  std::int64_t (*drop_repeated)(void* keys, std::int64_t n) noexcept = nullptr;
  /// Merges sorted keys without repetitions into memory for all of them; returns how many there are, none
  /// repeated.
  std::int64_t (*merge)(const void* left, std::int64_t left_count, const void* right,
                        std::int64_t right_count, void* merged) noexcept = nullptr;
};

/// Returns the kernel for a dtype, or null for float16 (cast first) and complex.
[[nodiscard]] const SortKernel* find_sort(DType dtype) noexcept;

/// Writes the positions of n items, over the items themselves if the two start at one place.
void positions_of(const void* items, std::int64_t n, bool wide, std::int64_t* positions) noexcept;

}  // namespace varve::kernels
