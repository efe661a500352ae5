#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "kernels/compact.hpp"

using namespace varve::kernels;

namespace {

// One byte in `sparsity` is true; 1 makes all true.
std::vector<std::byte> mask_of(std::int64_t n, int sparsity, std::mt19937& random) {
  std::vector<std::byte> mask(static_cast<std::size_t>(n));
  for (std::byte& value : mask)
    value = random() % static_cast<unsigned>(sparsity) == 0 ? std::byte{1} : std::byte{0};
  return mask;
}

}  // namespace

TEST_CASE("compact: true elements are counted and found as plain loops do", "[kernels]") {
  std::mt19937 random(41);
  for (const std::int64_t n : {0, 1, 63, 64, 65, 4097, 255 * 64, 2 * 255 * 64 + 13}) {
    for (const int sparsity : {1, 2, 1000}) {
      INFO(n << " elements, one in " << sparsity);
      const std::vector<std::byte> mask = mask_of(n, sparsity, random);
      std::vector<std::int64_t> places;
      for (std::int64_t i = 0; i < n; ++i) {
        if (mask[static_cast<std::size_t>(i)] != std::byte{0}) places.push_back(i);
      }
      const auto count = static_cast<std::int64_t>(places.size());
      REQUIRE(count_true(mask.data(), n) == count);
      REQUIRE(find_true(mask.data(), n, count) == n);
      if (count == 0) continue;
      for (const std::int64_t rank : {std::int64_t{0}, count / 2, count - 1}) {
        REQUIRE(find_true(mask.data(), n, rank) == places[static_cast<std::size_t>(rank)]);
      }
    }
  }
}

TEST_CASE("compact: rows of any size move next to each other, and none beyond the limit", "[kernels]") {
  std::mt19937 random(42);
  for (const std::int64_t bytes : {1, 2, 4, 8, 16, 3, 24}) {
    for (const int sparsity : {1, 3, 50}) {
      const std::int64_t n = 333;
      const std::vector<std::byte> mask = mask_of(n, sparsity, random);
      std::vector<std::byte> rows(static_cast<std::size_t>(n * bytes));
      for (std::byte& value : rows) value = static_cast<std::byte>(random());
      std::vector<std::byte> expected;
      for (std::int64_t i = 0; i < n; ++i) {
        if (mask[static_cast<std::size_t>(i)] == std::byte{0}) continue;
        expected.insert(expected.end(), rows.begin() + i * bytes, rows.begin() + (i + 1) * bytes);
      }
      const std::int64_t count = std::ssize(expected) / bytes;
      for (const std::int64_t limit : {count, count / 2, std::int64_t{0}}) {
        INFO(bytes << " bytes, one in " << sparsity << ", limit " << limit);
        // Exactly as long as the limit: sanitizers see what is written behind it.
        std::vector<std::byte> taken(static_cast<std::size_t>(limit * bytes));
        take_true(mask.data(), n, limit, rows.data(), bytes, taken.data());
        REQUIRE(taken == std::vector<std::byte>(expected.begin(), expected.begin() + limit * bytes));
      }
    }
  }
}
