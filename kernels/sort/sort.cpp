#include "kernels/sort.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/select/key.hpp"
#include "kernels/sort/item.hpp"

namespace varve::kernels {
namespace {

template <class T>
void to_keys(void* row, std::int64_t n, bool descending) noexcept {
  T* values = static_cast<T*>(row);
  auto* keys = static_cast<KeyOf<T>*>(row);
  const auto flip = static_cast<KeyOf<T>>(descending ? ~KeyOf<T>{0} : 0);
  for (std::int64_t i = 0; i < n; ++i) {
    T value = values[i];
    if constexpr (std::is_floating_point_v<T>) {
      if (is_nan(value)) value = std::numeric_limits<T>::quiet_NaN();
    }
    keys[i] = static_cast<KeyOf<T>>(key_of(value) ^ flip);
  }
}

template <class T>
void from_keys(void* row, std::int64_t n, bool descending) noexcept {
  T* values = static_cast<T*>(row);
  const auto* keys = static_cast<const KeyOf<T>*>(row);
  const auto flip = static_cast<KeyOf<T>>(descending ? ~KeyOf<T>{0} : 0);
  for (std::int64_t i = 0; i < n; ++i) values[i] = number_of<T>(static_cast<KeyOf<T>>(keys[i] ^ flip));
}

template <class Item>
void sort_items(Item* items, std::int64_t n, std::int64_t most) noexcept {
  if (most < n) std::nth_element(items, items + most, items + n);
  std::sort(items, items + most);
}

template <class Key>
void sort_keys(void* keys, std::int64_t n, std::int64_t most) noexcept {
  sort_items(static_cast<Key*>(keys), n, most);
}

// Narrow keys share a word with the position.
template <class Key>
using ItemOf = std::conditional_t<sizeof(Key) == 8, WideItem, NarrowItem>;

// Zeros of both signs have neighbouring keys; as complements too. They get the lower one of the two.
template <class T>
KeyOf<T> without_sign_of_zero(KeyOf<T> key) noexcept {
  if constexpr (std::is_floating_point_v<T>) {
    if (key == kSignBit<T>) return static_cast<KeyOf<T>>(kSignBit<T> - 1);
  }
  return key;
}

template <class T>
void positions(const void* row, std::int64_t n, std::int64_t most, void* memory,
               std::int64_t* found) noexcept {
  using Key = KeyOf<T>;
  const auto* keys = static_cast<const Key*>(row);
  auto* items = static_cast<ItemOf<Key>*>(memory);
  for (std::int64_t i = 0; i < n; ++i) items[i] = ItemOf<Key>::of(without_sign_of_zero<T>(keys[i]), i);
  sort_items(items, n, most);
  for (std::int64_t i = 0; i < most; ++i) found[i] = items[i].position();
}

template <class T, class Item>
void fill_items(const KeyOf<T>* keys, std::int64_t n, std::int64_t first, Item* items) noexcept {
  for (std::int64_t i = 0; i < n; ++i) items[i] = Item::of(without_sign_of_zero<T>(keys[i]), first + i);
}

template <class T>
void to_items(const void* row, std::int64_t n, std::int64_t first, bool wide, void* items) noexcept {
  const auto* keys = static_cast<const KeyOf<T>*>(row);
  if (wide || sizeof(T) == 8) {
    fill_items<T>(keys, n, first, static_cast<WideItem*>(items));
  } else {
    fill_items<T>(keys, n, first, static_cast<NarrowItem*>(items));
  }
}

template <class T>
void join_zeros(void* row, std::int64_t n) noexcept {
  if constexpr (std::is_floating_point_v<T>) {
    auto* keys = static_cast<KeyOf<T>*>(row);
    for (std::int64_t i = 0; i < n; ++i) keys[i] += keys[i] == kSignBit<T> - 1 ? 1 : 0;
  }
}

template <class Key>
std::int64_t drop_repeated(void* keys, std::int64_t n) noexcept {
  auto* first = static_cast<Key*>(keys);
  return std::unique(first, first + n) - first;
}

template <class Key>
std::int64_t merge(const void* left, std::int64_t left_count, const void* right, std::int64_t right_count,
                   void* merged) noexcept {
  const auto* a = static_cast<const Key*>(left);
  const auto* b = static_cast<const Key*>(right);
  auto* out = static_cast<Key*>(merged);
  return std::set_union(a, a + left_count, b, b + right_count, out) - out;
}

using Rows = std::array<SortKernel, kDTypeCount>;

template <class T>
void add(Rows& rows, DType dtype) noexcept {
  using Key = KeyOf<T>;
  rows[static_cast<std::size_t>(dtype)] = {static_cast<std::int64_t>(sizeof(ItemOf<Key>)),
                                           to_keys<T>,
                                           from_keys<T>,
                                           sort_keys<Key>,
                                           positions<T>,
                                           to_items<T>,
                                           join_zeros<T>,
                                           drop_repeated<Key>,
                                           merge<Key>};
}

Rows make_rows() noexcept {
  Rows rows{};
  add<std::uint8_t>(rows, DType::boolean);
  add<std::int8_t>(rows, DType::int8);
  add<std::int16_t>(rows, DType::int16);
  add<std::int32_t>(rows, DType::int32);
  add<std::int64_t>(rows, DType::int64);
  add<std::uint8_t>(rows, DType::uint8);
  add<std::uint16_t>(rows, DType::uint16);
  add<std::uint32_t>(rows, DType::uint32);
  add<std::uint64_t>(rows, DType::uint64);
  add<float>(rows, DType::float32);
  add<double>(rows, DType::float64);
  return rows;
}

template <class Item>
void write_positions(const Item* items, std::int64_t n, std::int64_t* positions) noexcept {
  for (std::int64_t i = 0; i < n; ++i) positions[i] = items[i].position();
}

}  // namespace

void positions_of(const void* items, std::int64_t n, bool wide, std::int64_t* positions) noexcept {
  if (wide) {
    write_positions(static_cast<const WideItem*>(items), n, positions);
  } else {
    write_positions(static_cast<const NarrowItem*>(items), n, positions);
  }
}

const SortKernel* find_sort(DType dtype) noexcept {
  static const Rows rows = make_rows();
  const SortKernel& row = rows[static_cast<std::size_t>(dtype)];
  return row.to_keys != nullptr ? &row : nullptr;
}

}  // namespace varve::kernels
