#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/column_keys.hpp"

using namespace varve;
using namespace varve::kernels;

namespace {

template <class Key>
std::vector<Key> random_keys(std::int64_t count, std::mt19937_64& random) {
  std::vector<Key> keys;
  for (std::int64_t i = 0; i < count; ++i) {
    // Few values, so that many are equal, and the extremes.
    switch (random() % 8) {
      case 0:
        keys.push_back(std::numeric_limits<Key>::max());
        break;
      case 1:
        keys.push_back(std::numeric_limits<Key>::min());
        break;
      default:
        keys.push_back(static_cast<Key>(static_cast<int>(random() % 40) - 20));
    }
  }
  return keys;
}

template <class Key>
struct Table {
  Table(std::int64_t row_count, std::int64_t column_count, std::mt19937_64& random)
      : rows(row_count),
        columns(column_count),
        stride(column_count + 3),
        keys(random_keys<Key>(row_count * stride, random)) {}

  [[nodiscard]] Key at(std::int64_t row, std::int64_t column) const {
    return keys[static_cast<std::size_t>(row * stride + column)];
  }
  [[nodiscard]] KeyTable<const Key> view() const { return {keys.data(), rows, columns, stride}; }
  [[nodiscard]] std::vector<Key> column(std::int64_t number) const {
    std::vector<Key> result;
    for (std::int64_t row = 0; row < rows; ++row) result.push_back(at(row, number));
    return result;
  }

  std::int64_t rows;
  std::int64_t columns;
  std::int64_t stride;
  std::vector<Key> keys;
};

template <class Key>
void check_counts(const Table<Key>& table, std::mt19937_64& random) {
  const std::int64_t bounds = 5;
  Table<Key> limits(bounds, table.columns, random);
  std::vector<std::int32_t> counts(static_cast<std::size_t>(bounds * limits.stride), 7);
  column_kernels<Key>().count_below(table.view(), limits.view(), counts.data());
  for (std::int64_t i = 0; i < bounds; ++i) {
    for (std::int64_t column = 0; column < table.columns; ++column) {
      const std::vector<Key> keys = table.column(column);
      const Key limit = limits.at(i, column);
      const auto below = std::count_if(keys.begin(), keys.end(), [limit](Key key) { return key < limit; });
      REQUIRE(counts[static_cast<std::size_t>(i * limits.stride + column)] == 7 + below);
    }
  }
}

template <class Key>
void check_lists(const Table<Key>& table, std::mt19937_64& random) {
  const auto columns = static_cast<std::size_t>(table.columns);
  std::vector<Key> lo = random_keys<Key>(table.columns, random);
  std::vector<Key> hi = random_keys<Key>(table.columns, random);
  std::vector<Key> lists(columns * static_cast<std::size_t>(table.rows + 2));
  std::vector<std::int64_t> places(columns);
  std::vector<std::int32_t> sizes(columns, 1);  // each list has a key already
  std::vector<std::int32_t> limits(columns, static_cast<std::int32_t>(table.rows + 1));
  limits.back() = 3;
  for (std::size_t i = 0; i < columns; ++i) {
    places[i] = static_cast<std::int64_t>(i) * (table.rows + 2);
    lists[static_cast<std::size_t>(places[i])] = 99;
  }
  column_kernels<Key>().collect(table.view(), lo.data(), hi.data(), places.data(), limits.data(),
                                sizes.data(), lists.data());
  for (std::size_t i = 0; i < columns; ++i) {
    std::vector<Key> expected = {99};
    for (const Key key : table.column(static_cast<std::int64_t>(i))) {
      const bool has_room = static_cast<std::int32_t>(expected.size()) < limits[i];
      if (key >= lo[i] && key <= hi[i] && has_room) expected.push_back(key);
    }
    const Key* list = lists.data() + places[i];
    REQUIRE(std::vector<Key>(list, list + sizes[i]) == expected);
  }
}

template <class Key>
void check_picked(const Table<Key>& table) {
  std::vector<std::int64_t> ranks;
  for (std::int64_t rank = 0; rank < table.rows; rank += 1 + table.rows / 7) ranks.push_back(rank);
  const auto count = static_cast<std::int64_t>(ranks.size());
  const std::int64_t stride = table.columns + 1;
  std::vector<Key> picked(static_cast<std::size_t>(count * stride));
  column_kernels<Key>().pick_sorted(table.view(), ranks.data(), count, picked.data(), stride);
  for (std::int64_t column = 0; column < table.columns; ++column) {
    std::vector<Key> sorted = table.column(column);
    std::sort(sorted.begin(), sorted.end());
    const auto nans = std::count(sorted.begin(), sorted.end(), std::numeric_limits<Key>::max());
    const std::int64_t numbers = std::max<std::int64_t>(table.rows - nans, 1);
    Key before = std::numeric_limits<Key>::min();
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t rank = ranks[static_cast<std::size_t>(i)] * numbers / table.rows;
      Key expected = sorted[static_cast<std::size_t>(rank)];
      if (i > 0 && expected <= before)
        expected = before == std::numeric_limits<Key>::max() ? before : static_cast<Key>(before + 1);
      REQUIRE(picked[static_cast<std::size_t>(i * stride + column)] == expected);
      before = expected;
    }
  }
}

template <class Key>
void check_all() {
  std::mt19937_64 random(sizeof(Key));
  for (const std::int64_t rows : {1, 2, 3, 64, 65, 200, 256}) {
    for (const std::int64_t columns : {1, 15, 16, 129, 300}) {
      const Table<Key> table(rows, columns, random);
      check_counts(table, random);
      check_lists(table, random);
      check_picked(table);
    }
  }
}

}  // namespace

TEST_CASE("column keys: counted, collected and sorted column by column, for every width of keys",
          "[kernels]") {
  check_all<std::int8_t>();
  check_all<std::int16_t>();
  check_all<std::int32_t>();
  check_all<std::int64_t>();
}

TEST_CASE("column keys: order floats as numbers, with NaN of either sign above them", "[kernels]") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> ordered = {-inf, -1e300, -1, -1e-310, -0.0, 0.0, 5e-324, 1, 1e300, inf};
  std::vector<double> values = ordered;
  values.push_back(nan);
  values.push_back(-nan);
  find_make_keys(DType::float64)(values.data(), static_cast<std::int64_t>(values.size()));
  std::vector<std::int64_t> keys(values.size());
  std::memcpy(keys.data(), values.data(), keys.size() * sizeof(std::int64_t));
  for (std::size_t i = 1; i < ordered.size(); ++i) CHECK(keys[i - 1] < keys[i]);
  CHECK(keys[ordered.size() - 1] < std::numeric_limits<std::int64_t>::max());
  CHECK(keys[ordered.size()] == std::numeric_limits<std::int64_t>::max());
  CHECK(keys[ordered.size() + 1] == std::numeric_limits<std::int64_t>::max());
}
