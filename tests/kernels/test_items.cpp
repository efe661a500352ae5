#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "kernels/merge.hpp"
#include "kernels/sort.hpp"

using namespace varve;
using namespace varve::kernels;

namespace {

// Few different keys, ordered by position where equal.
struct Item {
  std::uint32_t key;
  std::int64_t at;
  friend auto operator<=>(const Item&, const Item&) = default;
};

std::vector<Item> random_items(std::int64_t n, std::mt19937_64& random) {
  std::vector<Item> items;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto key = static_cast<std::uint32_t>(random() % 7);
    items.push_back({random() % 2 == 0 ? key : key * 0x01020304u, i});
  }
  return items;
}

// Items of a kind, made from keys that come from positions in order.
std::vector<std::byte> made(const std::vector<Item>& items, bool wide) {
  const SortKernel& keys = *find_sort(DType::uint32);
  const std::size_t width = wide ? 16 : 8;
  std::vector<std::byte> memory(items.size() * width);
  for (std::size_t i = 0; i < items.size(); ++i)
    keys.to_items(&items[i].key, 1, items[i].at, wide, memory.data() + i * width);
  return memory;
}

std::vector<std::int64_t> positions(const std::vector<std::byte>& memory, bool wide) {
  std::vector<std::int64_t> found(memory.size() / (wide ? 16 : 8));
  positions_of(memory.data(), static_cast<std::int64_t>(found.size()),
               wide ? ItemKind::wide_position : ItemKind::narrow_position, found.data());
  return found;
}

std::vector<std::int64_t> positions(const std::vector<Item>& items) {
  std::vector<std::int64_t> result;
  for (const Item& item : items) result.push_back(item.at);
  return result;
}

const ItemKernel& kernel_for(bool wide) {
  return find_items(wide ? ItemKind::wide_position : ItemKind::narrow_position);
}

}  // namespace

TEST_CASE("items: positions beyond 2^32 do not fit in a word with their keys", "[kernels]") {
  CHECK(item_kind(4, true, std::int64_t{1} << 32) == ItemKind::narrow_position);
  CHECK(item_kind(4, true, (std::int64_t{1} << 32) + 1) == ItemKind::wide_position);
  CHECK(item_kind(8, true, 10) == ItemKind::wide_position);
  CHECK(item_kind(8, false, 10) == ItemKind::key8);
  CHECK(item_kind(16, true, 10) == ItemKind::widest_position);
  CHECK(item_kind(16, false, 10) == ItemKind::key16);
}

TEST_CASE("items: sorted, equal keys in the order of their positions", "[kernels]") {
  std::mt19937_64 random(31);
  for (const bool wide : {false, true}) {
    for (const std::int64_t n : {0, 1, 2, 500}) {
      std::vector<Item> items = random_items(n, random);
      std::vector<std::byte> memory = made(items, wide);
      std::vector<std::byte> spare(memory.size());
      kernel_for(wide).sort(memory.data(), spare.data(), n);
      std::sort(items.begin(), items.end());
      CHECK(positions(memory, wide) == positions(items));
    }
  }
}

TEST_CASE("items: any part of two merged lists", "[kernels]") {
  std::mt19937_64 random(32);
  for (const bool wide : {false, true}) {
    for (const std::int64_t cut : {0, 1, 40, 99, 100}) {
      std::vector<Item> items = random_items(100, random);
      std::shuffle(items.begin(), items.end(), random);
      std::sort(items.begin(), items.begin() + cut);
      std::sort(items.begin() + cut, items.end());
      const std::vector<std::byte> lists = made(items, wide);
      std::sort(items.begin(), items.end());
      const std::vector<std::int64_t> all = positions(items);
      const ItemKernel& kernel = kernel_for(wide);
      for (const auto& [from, to] :
           {std::pair<std::int64_t, std::int64_t>{0, 100}, {13, 14}, {37, 90}, {5, 5}}) {
        std::vector<std::byte> merged(static_cast<std::size_t>((to - from) * kernel.bytes));
        kernel.merge(lists.data(), cut, lists.data() + cut * kernel.bytes, 100 - cut, from, to,
                     merged.data());
        CHECK(positions(merged, wide) == std::vector<std::int64_t>(all.begin() + from, all.begin() + to));
      }
    }
  }
}

TEST_CASE("items: the lists that the next come from, the first list where they are equal", "[kernels]") {
  const std::vector<std::uint16_t> lists = {1, 4, 4, 9, 4, 5, 0, 0, 2, 4, 0, 0};
  const ItemKernel& kernel = find_items(ItemKind::key2);
  std::vector<std::int64_t> at = {0, 0, 0};
  const std::vector<std::int64_t> end = {4, 2, 2};
  std::vector<std::int32_t> tree(8);
  std::vector<std::int32_t> order(12, -1);
  const auto next = [&](std::int64_t done) {
    return kernel.order(lists.data(), 4, 3, at.data(), end.data(), tree.data(), order.data() + done,
                        12 - done);
  };
  std::int64_t done = 0;
  for (std::int64_t count = next(0); count > 0; count = next(done)) done += count;
  CHECK(std::vector<std::int32_t>(order.begin(), order.begin() + done) ==
        std::vector<std::int32_t>{0, 2, 0, 0, 1, 2, 1, 0});
}
