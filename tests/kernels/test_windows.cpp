#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/window.hpp"

using namespace varve;
using namespace varve::kernels;

// The order of additions is part of what the kernels promise, so sums are compared bit by bit with plain
// loops.
namespace {

struct Averaging {
  std::vector<double> weights;
  LineWindow window;
};

Averaging averaging(std::int64_t count, bool symmetric, std::mt19937_64& random) {
  Averaging result;
  std::uniform_real_distribution<double> uniform(0.1, 1);
  for (std::int64_t i = 0; i < count; ++i) result.weights.push_back(uniform(random));
  if (symmetric) {
    for (std::int64_t i = 0; i < count; ++i)
      result.weights[static_cast<std::size_t>(count - 1 - i)] = result.weights[static_cast<std::size_t>(i)];
  }
  result.window = {nullptr, count, symmetric, 0};
  for (const double weight : result.weights) result.window.divisor += weight;
  return result;
}

template <class T>
double sum_of(const Averaging& by, const std::vector<T>& x, std::int64_t first, std::int64_t step) {
  const auto at = [&](std::int64_t tap) {
    return static_cast<double>(x[static_cast<std::size_t>(first + tap * step)]);
  };
  const auto n = by.window.count;
  const auto weight = [&](std::int64_t tap) { return by.weights[static_cast<std::size_t>(tap)]; };
  double sum = 0;
  if (!by.window.symmetric) {
    for (std::int64_t tap = 0; tap < n; ++tap) sum += at(tap) * weight(tap);
    return sum / by.window.divisor;
  }
  sum += at(n / 2) * weight(n / 2);
  for (std::int64_t tap = 0; tap < n / 2; ++tap) sum += (at(tap) + at(n - 1 - tap)) * weight(tap);
  return sum / by.window.divisor;
}

// Elements beyond 32 bits are added relative to the middle one.
template <class T>
T relative_average(const Averaging& by, const std::vector<T>& x, std::int64_t first, std::int64_t step) {
  const auto at = [&](std::int64_t tap) { return x[static_cast<std::size_t>(first + tap * step)]; };
  const std::int64_t n = by.window.count;
  const T centre = at(n / 2);
  const auto apart = [&](std::int64_t tap) {
    const long double exact = static_cast<long double>(at(tap)) - static_cast<long double>(centre);
    return static_cast<double>(exact);
  };
  double sum = 0;
  for (std::int64_t tap = 0; tap < (by.window.symmetric ? n / 2 : n); ++tap) {
    const double both = by.window.symmetric ? apart(tap) + apart(n - 1 - tap) : apart(tap);
    sum += both * by.weights[static_cast<std::size_t>(tap)];
  }
  const double average = sum / by.window.divisor;
  const long double floor = static_cast<long double>(centre) + std::floor(average);
  return static_cast<T>(floor < 0 && average != std::floor(average) ? floor + 1 : floor);
}

template <class T>
T average_of(const Averaging& by, const std::vector<T>& x, std::int64_t first, std::int64_t step) {
  if constexpr (std::is_integral_v<T> && sizeof(T) == 8) return relative_average(by, x, first, step);
  return static_cast<T>(sum_of(by, x, first, step));
}

// Integers of 64 bits need not saturate here: averages of half their range stay inside.
template <class T>
std::vector<T> random_elements(std::int64_t n, std::mt19937_64& random) {
  std::vector<T> result(static_cast<std::size_t>(n));
  for (T& x : result) {
    if constexpr (std::is_floating_point_v<T>) {
      x = static_cast<T>(std::normal_distribution<double>(0, 1000)(random));
    } else {
      x = static_cast<T>(random() >> (sizeof(T) == 8 ? 1 : 0));
    }
  }
  return result;
}

template <class T>
bool same(const T& x, const T& y) {
  return std::memcmp(&x, &y, sizeof(T)) == 0;
}

template <class T>
void check_across(DType dtype, std::int64_t lines, std::int64_t n, const Averaging& by,
                  std::mt19937_64& random) {
  const std::int64_t source_row = n + 3;
  const std::int64_t out_row = n + 1;
  const auto x = random_elements<T>((lines + by.window.count - 1) * source_row, random);
  std::vector<T> out(static_cast<std::size_t>(lines * out_row), T{7});
  LineWindow window = by.window;
  window.weights = by.weights.data();
  constexpr auto kBytes = static_cast<std::int64_t>(sizeof(T));
  find_filter_across(dtype)(window, reinterpret_cast<const std::byte*>(x.data()), source_row * kBytes, lines,
                            n, reinterpret_cast<std::byte*>(out.data()), out_row * kBytes);
  bool agree = true;
  for (std::int64_t line = 0; line < lines; ++line) {
    for (std::int64_t i = 0; i < n; ++i) {
      const T expected = average_of(by, x, line * source_row + i, source_row);
      agree = agree && same(out[static_cast<std::size_t>(line * out_row + i)], expected);
    }
    agree = agree && same(out[static_cast<std::size_t>(line * out_row + n)], T{7});
  }
  CHECK(agree);
}

template <class T>
void check_along(DType dtype, std::int64_t parts, std::int64_t n, const Averaging& by,
                 std::mt19937_64& random) {
  const auto x = random_elements<T>(n + (by.window.count - 1) * parts, random);
  std::vector<T> out(static_cast<std::size_t>(n + 1), T{7});
  LineWindow window = by.window;
  window.weights = by.weights.data();
  find_filter_along(dtype)(window, reinterpret_cast<const std::byte*>(x.data()), parts, n,
                           reinterpret_cast<std::byte*>(out.data()));
  bool agree = same(out.back(), T{7});
  for (std::int64_t i = 0; i < n; ++i) {
    agree = agree && same(out[static_cast<std::size_t>(i)], average_of(by, x, i, parts));
  }
  CHECK(agree);
}

template <class T>
void check(DType dtype) {
  std::mt19937_64 random(31);
  for (const std::int64_t count : {1, 2, 3, 8, 17, 64}) {
    for (const bool symmetric : {false, true}) {
      if (symmetric && count % 2 == 0) continue;
      const Averaging by = averaging(count, symmetric, random);
      INFO(count << " weights, symmetric " << symmetric);
      for (const std::int64_t n : {1, 5, 31, 32, 33, 100}) check_across<T>(dtype, 3, n, by, random);
      for (const std::int64_t lines : {1, 63, 64, 130}) check_across<T>(dtype, lines, 40, by, random);
      for (const std::int64_t n : {1, 7, 16, 511, 512, 1030}) check_along<T>(dtype, 1, n, by, random);
      for (const std::int64_t n : {2, 34, 1026}) check_along<T>(dtype, 2, n, by, random);
    }
  }
}

}  // namespace

TEST_CASE("windows: rows and lines are filtered as by plain loops, bit by bit", "[kernels]") {
  const struct {
    DType dtype;
    void (*check)(DType);
  } rows[] = {{DType::int8, check<std::int8_t>},     {DType::int16, check<std::int16_t>},
              {DType::int32, check<std::int32_t>},   {DType::int64, check<std::int64_t>},
              {DType::uint8, check<std::uint8_t>},   {DType::uint16, check<std::uint16_t>},
              {DType::uint32, check<std::uint32_t>}, {DType::uint64, check<std::uint64_t>},
              {DType::float32, check<float>},        {DType::float64, check<double>}};
  for (const auto& row : rows) {
    DYNAMIC_SECTION(name_of(row.dtype)) { row.check(row.dtype); }
  }
}

TEST_CASE("windows: averages of the least and greatest integers stay what they are", "[kernels]") {
  const std::vector<double> weights(9, 1.0 / 9);
  const LineWindow window{weights.data(), 9, true, 1, lift_for(9)};
  for (const std::int16_t value : {INT16_MIN, INT16_MAX}) {
    const std::vector<std::int16_t> x(108, value);
    std::vector<std::int16_t> out(100);
    find_filter_along(DType::int16)(window, reinterpret_cast<const std::byte*>(x.data()), 1, 100,
                                    reinterpret_cast<std::byte*>(out.data()));
    for (const std::int16_t result : out) CHECK(result == value);
  }
}

TEST_CASE("windows: there is none for bool, float16 and complex numbers", "[kernels]") {
  for (const DType dtype : {DType::boolean, DType::float16, DType::complex64, DType::complex128}) {
    CHECK(find_filter_across(dtype) == nullptr);
    CHECK(find_filter_along(dtype) == nullptr);
    CHECK(find_weighted_sum(dtype) == nullptr);
  }
}
