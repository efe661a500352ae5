#pragma once

#include "varve/core/dtype.hpp"

namespace varve::kernels {

/// Sorts and merges items: keys (kernels/sort.hpp), or keys with the positions that they came from. Items are
/// in a total order; equal ones have the same bits, so that sorted items do not depend on how they were
/// sorted.
struct ItemKernel {
  std::int64_t bytes = 0;  ///< of an item
  std::int64_t words = 1;  ///< unsigned integers that an item is made of
  DType word = DType::uint64;

  /// Sorts n items, using memory for as many; items with positions are given in the order of these.
  void (*sort)(void* items, void* spare, std::int64_t n) noexcept = nullptr;
  /// Writes the items from `from` to `to` of two sorted lists, merged.
  void (*merge)(const void* left, std::int64_t left_count, const void* right, std::int64_t right_count,
                std::int64_t from, std::int64_t to, void* merged) noexcept = nullptr;
  /// Tells from which of k sorted lists the next items of all come, equal ones from the first list; list j is
  /// left with the items from at[j] to end[j] of those at `lists` + j * `room`. Stops after `most` items, or
  /// where a list has become empty; returns how many. `tree` has room for 2 * bit_ceil(k) numbers.
  std::int64_t (*order)(const void* lists, std::int64_t room, std::int64_t k, std::int64_t* at,
                        const std::int64_t* end, std::int32_t* tree, std::int32_t* from,
                        std::int64_t most) noexcept = nullptr;
};

/// Tells what is sorted: keys of a size; keys of up to 4 bytes above positions below 2^32, in one word; or
/// keys of up to 8 bytes, or of 16, and positions side by side.
enum class ItemKind : std::uint8_t {
  key1,
  key2,
  key4,
  key8,
  key16,
  narrow_position,
  wide_position,
  widest_position
};

[[nodiscard]] ItemKind item_kind(std::int64_t key_bytes, bool positions, std::int64_t length) noexcept;
[[nodiscard]] const ItemKernel& find_items(ItemKind kind) noexcept;

/// Writes the positions of n items that have some, over the items themselves if the two start at one place.
void positions_of(const void* items, std::int64_t n, ItemKind kind, std::int64_t* positions) noexcept;

}  // namespace varve::kernels
