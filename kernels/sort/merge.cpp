#include "kernels/merge.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "kernels/sort/item.hpp"

namespace varve::kernels {
namespace {

// The bytes of an item that are looked at to sort it, the lowest first. Positions need none: they are in
// order.
template <class Item>
struct Digits {
  static constexpr int count = sizeof(Item);
  static unsigned of(Item item, int digit) noexcept {
    return static_cast<unsigned>(item >> (8 * digit)) & 0xff;
  }
};
template <>
struct Digits<NarrowItem> {
  static constexpr int count = 4;
  static unsigned of(NarrowItem item, int digit) noexcept {
    return static_cast<unsigned>(item.word >> (32 + 8 * digit)) & 0xff;
  }
};
template <>
struct Digits<WideItem> {
  static constexpr int count = 8;
  static unsigned of(const WideItem& item, int digit) noexcept {
    return static_cast<unsigned>(item.key >> (8 * digit)) & 0xff;
  }
};

template <>
struct Digits<WideKey> {
  static constexpr int count = 16;
  static unsigned of(const WideKey& item, int digit) noexcept {
    return static_cast<unsigned>((digit < 8 ? item.low : item.high) >> (8 * (digit % 8))) & 0xff;
  }
};
template <>
struct Digits<WidestItem> {
  static constexpr int count = 16;
  static unsigned of(const WidestItem& item, int digit) noexcept {
    return Digits<WideKey>::of(item.key, digit);
  }
};

using Counts = std::array<std::int64_t, 256>;

// Byte by byte, the lowest first, each time keeping the order; bytes that all items share are passed over.
template <class Item>
void sort(void* memory, void* spare, std::int64_t n) noexcept {
  constexpr int kDigits = Digits<Item>::count;
  auto* from = static_cast<Item*>(memory);
  auto* to = static_cast<Item*>(spare);
  std::array<Counts, kDigits> counts{};
  for (std::int64_t i = 0; i < n; ++i) {
    for (int digit = 0; digit < kDigits; ++digit)
      ++counts[static_cast<std::size_t>(digit)][Digits<Item>::of(from[i], digit)];
  }
  for (int digit = 0; digit < kDigits; ++digit) {
    Counts& places = counts[static_cast<std::size_t>(digit)];
    if (n == 0 || places[Digits<Item>::of(from[0], digit)] == n) continue;
    std::int64_t before = 0;
    for (std::int64_t& place : places) {
      const std::int64_t count = place;
      place = before;
      before += count;
    }
    for (std::int64_t i = 0; i < n; ++i) to[places[Digits<Item>::of(from[i], digit)]++] = from[i];
    std::swap(from, to);
  }
  if (from != memory) std::memcpy(memory, from, static_cast<std::size_t>(n) * sizeof(Item));
}

// Two sorted lists and where their merged items go.
template <class Item>
struct Pair {
  const Item* left;
  const Item* left_end;
  const Item* right;
  const Item* right_end;
  Item* out;

  // So many items can be taken before a list can be empty.
  [[nodiscard]] std::int64_t surely() const noexcept { return std::min(left_end - left, right_end - right); }
  void take() noexcept {
    const bool second = *right < *left;
    *out++ = *(second ? right : left);
    right += second;
    left += !second;
  }
  void take_all() noexcept {
    for (std::int64_t count = surely(); count > 0; count = surely()) {
      for (std::int64_t i = 0; i < count; ++i) take();
    }
    out = std::copy(left, left_end, out);
    std::copy(right, right_end, out);
  }
};

// How many of the first `rank` merged items come from the left list.
template <class Item>
std::int64_t left_share(const Item* left, std::int64_t left_count, const Item* right,
                        std::int64_t right_count, std::int64_t rank) noexcept {
  std::int64_t lo = std::max<std::int64_t>(rank - right_count, 0);
  std::int64_t hi = std::min(rank, left_count);
  while (lo < hi) {
    const std::int64_t middle = lo + (hi - lo) / 2;
    if (right[rank - middle - 1] < left[middle]) {
      hi = middle;
    } else {
      lo = middle + 1;
    }
  }
  return lo;
}

// Works on both halves at a time: neither waits for the comparisons of the other.
template <class Item>
void merge(const void* left_list, std::int64_t left_count, const void* right_list, std::int64_t right_count,
           std::int64_t from, std::int64_t to, void* merged) noexcept {
  const auto* left = static_cast<const Item*>(left_list);
  const auto* right = static_cast<const Item*>(right_list);
  auto* out = static_cast<Item*>(merged);
  const std::int64_t middle = from + (to - from) / 2;
  const auto share = [&](std::int64_t rank) {
    return left_share(left, left_count, right, right_count, rank);
  };
  const std::int64_t a = share(from);
  const std::int64_t b = share(middle);
  const std::int64_t c = share(to);
  Pair<Item> first{left + a, left + b, right + (from - a), right + (middle - b), out};
  Pair<Item> second{left + b, left + c, right + (middle - b), right + (to - c), out + (middle - from)};
  for (std::int64_t count = 1; count > 0;) {
    count = std::min(first.surely(), second.surely());
    for (std::int64_t i = 0; i < count; ++i) {
      first.take();
      second.take();
    }
  }
  first.take_all();
  second.take_all();
}

// A tree of matches: the least head of all is the winner, and one path is played again after it was taken.
template <class Item>
std::int64_t order(const void* memory, std::int64_t room, std::int64_t k, std::int64_t* at,
                   const std::int64_t* end, std::int32_t* tree, std::int32_t* from,
                   std::int64_t most) noexcept {
  const auto* lists = static_cast<const Item*>(memory);
  const auto leaves = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(k)));
  const auto better = [&](std::int32_t a, std::int32_t b) {
    if (b < 0) return a;
    if (a < 0) return b;
    return lists[b * room + at[b]] < lists[a * room + at[a]] ? b : a;
  };
  for (std::int64_t j = 0; j < leaves; ++j) {
    tree[leaves + j] = j < k && at[j] < end[j] ? static_cast<std::int32_t>(j) : -1;
  }
  for (std::int64_t node = leaves - 1; node > 0; --node)
    tree[node] = better(tree[2 * node], tree[2 * node + 1]);
  for (std::int64_t count = 0; count < most; ++count) {
    const std::int32_t winner = tree[1];
    if (winner < 0) return count;
    from[count] = winner;
    if (++at[winner] == end[winner]) return count + 1;
    for (std::int64_t node = (leaves + winner) / 2; node > 0; node /= 2)
      tree[node] = better(tree[2 * node], tree[2 * node + 1]);
  }
  return most;
}

template <class Item>
ItemKernel row(std::int64_t words, DType word) noexcept {
  return {static_cast<std::int64_t>(sizeof(Item)), words, word, sort<Item>, merge<Item>, order<Item>};
}

template <class Item>
void write_positions(const void* memory, std::int64_t n, std::int64_t* positions) noexcept {
  const auto* items = static_cast<const Item*>(memory);
  for (std::int64_t i = 0; i < n; ++i) positions[i] = items[i].position();
}

}  // namespace

void positions_of(const void* items, std::int64_t n, ItemKind kind, std::int64_t* positions) noexcept {
  switch (kind) {
    case ItemKind::narrow_position:
      return write_positions<NarrowItem>(items, n, positions);
    case ItemKind::wide_position:
      return write_positions<WideItem>(items, n, positions);
    default:
      return write_positions<WidestItem>(items, n, positions);
  }
}

ItemKind item_kind(std::int64_t key_bytes, bool positions, std::int64_t length) noexcept {
  if (positions) {
    const bool narrow = key_bytes <= 4 && length <= std::int64_t{1} << 32;
    if (narrow) return ItemKind::narrow_position;
    return key_bytes <= 8 ? ItemKind::wide_position : ItemKind::widest_position;
  }
  if (key_bytes == 1) return ItemKind::key1;
  if (key_bytes == 2) return ItemKind::key2;
  if (key_bytes == 4) return ItemKind::key4;
  return key_bytes == 8 ? ItemKind::key8 : ItemKind::key16;
}

const ItemKernel& find_items(ItemKind kind) noexcept {
  static const std::array<ItemKernel, 8> rows = {
      row<std::uint8_t>(1, DType::uint8),   row<std::uint16_t>(1, DType::uint16),
      row<std::uint32_t>(1, DType::uint32), row<std::uint64_t>(1, DType::uint64),
      row<WideKey>(2, DType::uint64),       row<NarrowItem>(1, DType::uint64),
      row<WideItem>(2, DType::uint64),      row<WidestItem>(3, DType::uint64)};
  return rows[static_cast<std::size_t>(kind)];
}

}  // namespace varve::kernels
