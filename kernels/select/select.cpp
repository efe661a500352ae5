#include "kernels/select.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/select/key.hpp"

namespace varve::kernels {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class T>
double value_of_key(std::uint64_t key) noexcept {
  return static_cast<double>(number_of<T>(static_cast<KeyOf<T>>(key)));
}

// Moves numbers to the front; returns how many there are.
template <class T>
std::int64_t numbers_first(T* row, std::int64_t n) noexcept {
  if constexpr (!std::is_floating_point_v<T>) return n;
  return std::partition(row, row + n, [](T value) { return !is_nan(value); }) - row;
}

template <class T>
void quantiles(void* data, std::int64_t length, QuantileMethod method, bool skips_nan,
               std::span<const double> q, double* values) noexcept {
  T* row = static_cast<T*>(data);
  const std::int64_t n = numbers_first(row, length);
  if (n == 0 || (n < length && !skips_nan)) {
    std::fill_n(values, q.size(), kNan);
    return;
  }
  // Everything before `sorted` is in its place already.
  std::int64_t sorted = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const QuantileRank rank = quantile_rank(method, q[i], n);
    for (const std::int64_t wanted : {rank.lower, rank.upper}) {
      if (wanted < sorted) continue;
      if (wanted == sorted) {
        std::iter_swap(row + wanted, std::min_element(row + wanted, row + n));
      } else {
        std::nth_element(row + sorted, row + wanted, row + n);
      }
      sorted = wanted + 1;
    }
    values[i] =
        interpolate(static_cast<double>(row[rank.lower]), static_cast<double>(row[rank.upper]), rank.weight);
  }
}

template <class T>
std::int64_t count_digits(const void* data, std::int64_t n, int shift, int digit_bits,
                          std::span<const std::uint64_t> prefixes, std::int64_t* counters) noexcept {
  const T* values = static_cast<const T*>(data);
  const std::uint64_t mask = (std::uint64_t{1} << digit_bits) - 1;
  const int above = shift + digit_bits;
  const bool several = prefixes.size() > 1;
  // A search among a few, without branches that nobody can predict.
  const std::size_t few = several && prefixes.size() <= 8 ? prefixes.size() : 0;
  std::int64_t nans = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    if (is_nan(values[i])) {
      ++nans;
      continue;
    }
    const std::uint64_t key = key_of(values[i]);
    const std::uint64_t prefix = above < 64 ? key >> above : 0;
    std::size_t at = 0;
    if (few != 0) {
      for (std::size_t other = 0; other < few; ++other) at += prefixes[other] < prefix ? 1 : 0;
      if (at == few) continue;
    } else if (several) {
      at = static_cast<std::size_t>(std::lower_bound(prefixes.begin(), prefixes.end(), prefix) -
                                    prefixes.begin());
      if (at == prefixes.size()) continue;
    }
    if (prefixes[at] != prefix) continue;
    ++counters[(static_cast<std::uint64_t>(at) << digit_bits) + (key >> shift & mask)];
  }
  return nans;
}

using Rows = std::array<SelectKernel, kDTypeCount>;

template <class T>
void add(Rows& rows, DType dtype) noexcept {
  rows[static_cast<std::size_t>(dtype)] = {quantiles<T>, 8 * static_cast<int>(sizeof(T)), value_of_key<T>,
                                           count_digits<T>};
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

}  // namespace

const SelectKernel* find_select(DType dtype) noexcept {
  static const Rows rows = make_rows();
  const SelectKernel& row = rows[static_cast<std::size_t>(dtype)];
  return row.quantiles != nullptr ? &row : nullptr;
}

}  // namespace varve::kernels
