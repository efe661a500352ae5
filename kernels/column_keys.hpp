#pragma once

#include <cstdint>

#include "varve/core/dtype.hpp"

namespace varve::kernels {

/// A table of keys, rows by columns, whose rows lie `stride` keys apart: signed integers that order
/// elements as their values do.
template <class Key>
struct KeyTable {
  Key* keys = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t stride = 0;
};

/// Works on all columns of a table at a time. Key: std::int8_t, int16_t, int32_t or int64_t.
template <class Key>
struct ColumnKernels {
  /// The number of rows that `pick_sorted` takes at most.
  static constexpr std::int64_t kMaxSorted = 256;

  /// Sorts each column of a table of at most kMaxSorted rows, which stays as it is, and writes the keys of
  /// `count` ranks, which ascend, to the columns of `picked`, row by row. A key that is not above the one
  /// before it becomes the next key after that, as long as there is one. Where columns hold the greatest
  /// key, which stands for NaN, the ranks are cut down to the part of other keys.
  void (*pick_sorted)(const KeyTable<const Key>& table, const std::int64_t* ranks, std::int64_t count,
                      Key* picked, std::int64_t picked_stride) noexcept = nullptr;
  /// Adds to counts[i * stride + column], for each row i of `bounds` (whose stride that is), the number of
  /// keys in the column that are less than its bound.
  void (*count_below)(const KeyTable<const Key>& table, const KeyTable<const Key>& bounds,
                      std::int32_t* counts) noexcept = nullptr;
  /// Appends the keys of each column that lie in [lo, hi] to its own list, which begins at places[column] and
  /// has sizes[column] keys already. A list that has limits[column] keys takes no more. Writes to one place
  /// behind the end of each list.
  void (*collect)(const KeyTable<const Key>& table, const Key* lo, const Key* hi, const std::int64_t* places,
                  const std::int32_t* limits, std::int32_t* sizes, Key* lists) noexcept = nullptr;
};

template <class Key>
[[nodiscard]] const ColumnKernels<Key>& column_kernels() noexcept;

/// Turns n elements into keys in place; NaN becomes the greatest key, which no number has. Null for float16
/// and complex.
using MakeKeys = void (*)(void* elements, std::int64_t n) noexcept;
[[nodiscard]] MakeKeys find_make_keys(DType dtype) noexcept;

}  // namespace varve::kernels
