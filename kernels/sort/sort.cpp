#include "kernels/sort.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/select/key.hpp"
#include "kernels/sort/complex_key.hpp"
#include "kernels/sort/item.hpp"

namespace varve::kernels {
namespace {

// What orders the elements of a dtype: the key of each, the element of a key, one key for zeros of either
// sign.
template <class T>
struct Order {
  using Key = KeyOf<T>;

  static Key key(T value) noexcept {
    return key_of(is_nan(value) ? std::numeric_limits<T>::quiet_NaN() : value);
  }
  static T value(Key key) noexcept { return number_of<T>(key); }
  static bool has_nan(Key key) noexcept {
    if constexpr (std::is_floating_point_v<T>) return key == key_of(std::numeric_limits<T>::quiet_NaN());
    return false;
  }
  // Zeros of both signs have neighbouring keys; as complements too.
  static Key joined(Key key, bool greatest) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      if (key == kSignBit<T> || key == kSignBit<T> - 1)
        return static_cast<Key>(kSignBit<T> - (greatest ? 0 : 1));
    }
    return key;
  }
};
template <class T>
struct Order<std::complex<T>> {
  using Keys = ComplexKey<T>;
  using Key = typename Keys::Key;

  static Key key(const std::complex<T>& value) noexcept { return Keys::of(value); }
  static std::complex<T> value(const Key& key) noexcept { return Keys::number(key); }
  static bool has_nan(const Key& key) noexcept { return Keys::has_nan(key); }
  static Key joined(const Key& key, bool greatest) noexcept { return Keys::joined(key, greatest); }
};

template <class T>
using OrderKey = typename Order<T>::Key;

template <class Key>
Key complement_if(bool descending, const Key& key) noexcept {
  return descending ? static_cast<Key>(~key) : key;
}

template <class T>
void to_keys(void* row, std::int64_t n, bool descending) noexcept {
  const T* values = static_cast<const T*>(row);
  auto* keys = static_cast<OrderKey<T>*>(row);
  for (std::int64_t i = 0; i < n; ++i) keys[i] = complement_if(descending, Order<T>::key(values[i]));
}

template <class T>
void from_keys(void* row, std::int64_t n, bool descending) noexcept {
  T* values = static_cast<T*>(row);
  const auto* keys = static_cast<const OrderKey<T>*>(row);
  for (std::int64_t i = 0; i < n; ++i) values[i] = Order<T>::value(complement_if(descending, keys[i]));
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
using ItemOf = std::conditional_t<(sizeof(Key) < 8), NarrowItem, WideItemOf<Key>>;

template <class T>
void positions(const void* row, std::int64_t n, std::int64_t most, void* memory,
               std::int64_t* found) noexcept {
  using Item = ItemOf<OrderKey<T>>;
  const auto* keys = static_cast<const OrderKey<T>*>(row);
  auto* items = static_cast<Item*>(memory);
  for (std::int64_t i = 0; i < n; ++i) items[i] = Item::of(Order<T>::joined(keys[i], false), i);
  sort_items(items, n, most);
  for (std::int64_t i = 0; i < most; ++i) found[i] = items[i].position();
}

template <class T, class Item>
void fill_items(const OrderKey<T>* keys, std::int64_t n, std::int64_t first, Item* items) noexcept {
  for (std::int64_t i = 0; i < n; ++i) items[i] = Item::of(Order<T>::joined(keys[i], false), first + i);
}

template <class T>
void to_items(const void* row, std::int64_t n, std::int64_t first, bool wide, void* items) noexcept {
  using Key = OrderKey<T>;
  const auto* keys = static_cast<const Key*>(row);
  if constexpr (sizeof(Key) < 8) {
    if (!wide) return fill_items<T>(keys, n, first, static_cast<NarrowItem*>(items));
    fill_items<T>(keys, n, first, static_cast<WideItem*>(items));
  } else {
    fill_items<T>(keys, n, first, static_cast<WideItemOf<Key>*>(items));
  }
}

template <class T>
void join_zeros(void* row, std::int64_t n) noexcept {
  auto* keys = static_cast<OrderKey<T>*>(row);
  for (std::int64_t i = 0; i < n; ++i) keys[i] = Order<T>::joined(keys[i], true);
}

// NaN are last. They equal nothing, not even each other.
template <class T>
const OrderKey<T>* numbers_end(const OrderKey<T>* keys, std::int64_t n) noexcept {
  return std::partition_point(keys, keys + n, [](const auto& key) { return !Order<T>::has_nan(key); });
}

template <class T>
std::int64_t drop_repeated(void* keys, std::int64_t n) noexcept {
  auto* first = static_cast<OrderKey<T>*>(keys);
  OrderKey<T>* const end = first + (numbers_end<T>(first, n) - first);
  OrderKey<T>* const left = std::unique(first, end);
  return std::copy(end, first + n, left) - first;
}

template <class T>
std::int64_t merge(const void* left, std::int64_t left_count, const void* right, std::int64_t right_count,
                   void* merged) noexcept {
  const auto* a = static_cast<const OrderKey<T>*>(left);
  const auto* b = static_cast<const OrderKey<T>*>(right);
  auto* out = static_cast<OrderKey<T>*>(merged);
  const auto* a_end = numbers_end<T>(a, left_count);
  const auto* b_end = numbers_end<T>(b, right_count);
  auto* const numbers = std::set_union(a, a_end, b, b_end, out);
  return std::merge(a_end, a + left_count, b_end, b + right_count, numbers) - out;
}

using Rows = std::array<SortKernel, kDTypeCount>;

template <class T>
void add(Rows& rows, DType dtype) noexcept {
  using Key = OrderKey<T>;
  static_assert(sizeof(Key) == sizeof(T));
  rows[static_cast<std::size_t>(dtype)] = {static_cast<std::int64_t>(sizeof(ItemOf<Key>)),
                                           to_keys<T>,
                                           from_keys<T>,
                                           sort_keys<Key>,
                                           positions<T>,
                                           to_items<T>,
                                           join_zeros<T>,
                                           drop_repeated<T>,
                                           merge<T>};
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
  add<std::complex<float>>(rows, DType::complex64);
  add<std::complex<double>>(rows, DType::complex128);
  return rows;
}

}  // namespace

const SortKernel* find_sort(DType dtype) noexcept {
  static const Rows rows = make_rows();
  const SortKernel& row = rows[static_cast<std::size_t>(dtype)];
  return row.to_keys != nullptr ? &row : nullptr;
}

}  // namespace varve::kernels
