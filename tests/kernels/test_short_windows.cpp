#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/window.hpp"

using namespace varve;
using namespace varve::kernels;

// Averages of 16-bit integers in fixed point against plain loops in float64: every integer must be the same.
namespace {

std::vector<double> gaussian(double sigma, std::int64_t radius) {
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5 / (sigma * sigma) * static_cast<double>(i * i)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

template <class T>
T average(const std::vector<double>& weights, const T* x, std::int64_t step) {
  const auto n = static_cast<std::int64_t>(weights.size());
  const auto at = [&](std::int64_t tap) { return static_cast<double>(x[tap * step]); };
  const auto weight = [&](std::int64_t tap) { return weights[static_cast<std::size_t>(tap)]; };
  double sum = 0;
  sum += at(n / 2) * weight(n / 2);
  for (std::int64_t tap = 0; tap < n / 2; ++tap) sum += (at(tap) + at(n - 1 - tap)) * weight(tap);
  return static_cast<T>(sum);
}

/// A way to make the next element.
template <class T>
using Next = T (*)(std::mt19937_64&, std::int64_t place);

template <class T>
constexpr std::int64_t kMin = std::numeric_limits<T>::min();

template <class T>
const std::vector<Next<T>> kKinds = {
    [](auto& random, std::int64_t) {
      return static_cast<T>(9000 + static_cast<std::int64_t>(random() % 2000));
    },
    [](auto& random, std::int64_t) { return static_cast<T>(random()); },
    [](auto&, std::int64_t) { return static_cast<T>(1234); },
    [](auto&, std::int64_t place) { return static_cast<T>(kMin<T> + place / 7 % 65536); },
    [](auto&, std::int64_t place) { return static_cast<T>(place / 300 % 2 == 0 ? 7 : 11); },
    [](auto& random, std::int64_t) {
      return static_cast<T>(kMin<T> + static_cast<std::int64_t>(random() % 3));
    },
    [](auto& random, std::int64_t) {
      return static_cast<T>(std::numeric_limits<T>::max() - static_cast<std::int64_t>(random() % 32767));
    },
    [](auto& random, std::int64_t) {
      return static_cast<T>(static_cast<std::int64_t>(random() % 200) - 100);
    },
};

template <class T>
void check(DType dtype) {
  std::mt19937_64 random(41);
  constexpr std::int64_t kLines = 70;
  constexpr std::int64_t kRow = 77;
  for (const std::int64_t radius : {1, 2, 3, 8, 20, 31}) {
    const std::vector<double> weights = gaussian(static_cast<double>(radius) / 4 + 0.3, radius);
    const auto count = static_cast<std::int64_t>(weights.size());
    LineWindow window{weights.data(), count, true, 1};
    ShortWindow shorts;
    REQUIRE(make_short_window(window, shorts));
    window.shorts = &shorts;
    for (std::size_t kind = 0; kind < kKinds<T>.size(); ++kind) {
      INFO("radius " << radius << ", kind " << kind);
      std::vector<T> x;
      for (std::int64_t i = 0; i < (kLines + count - 1) * kRow; ++i) x.push_back(kKinds<T>[kind](random, i));
      std::vector<T> out(x.size());
      const auto* from = reinterpret_cast<const std::byte*>(x.data());
      auto* to = reinterpret_cast<std::byte*>(out.data());
      find_filter_across(dtype)(window, from, 2 * kRow, kLines, kRow, to, 2 * kRow);
      std::int64_t wrong = 0;
      for (std::int64_t i = 0; i < kLines * kRow; ++i)
        wrong += out[static_cast<std::size_t>(i)] != average(weights, &x[static_cast<std::size_t>(i)], kRow)
                     ? 1
                     : 0;
      const std::int64_t n = 1030;
      find_filter_along(dtype)(window, from, 1, n, to);
      for (std::int64_t i = 0; i < n; ++i)
        wrong +=
            out[static_cast<std::size_t>(i)] != average(weights, &x[static_cast<std::size_t>(i)], 1) ? 1 : 0;
      CHECK(wrong == 0);
    }
  }
}

}  // namespace

TEST_CASE("short windows: averages of 16-bit integers are those of float64, for any data", "[kernels]") {
  check<std::uint16_t>(DType::uint16);
  check<std::int16_t>(DType::int16);
}

TEST_CASE("short windows: there is none where sums would not fit or are no averages", "[kernels]") {
  ShortWindow shorts;
  const std::vector<double> one = {1.0};
  CHECK_FALSE(make_short_window({one.data(), 1, true, 1}, shorts));
  const std::vector<double> thirds = {1.0, 1.0, 1.0};
  CHECK_FALSE(make_short_window({thirds.data(), 3, true, 3}, shorts));
  const std::vector<double> large = {0.5, 0.5, 0.5};
  CHECK_FALSE(make_short_window({large.data(), 3, true, 1}, shorts));
  const std::vector<double> even = {0.5, 0.5};
  CHECK_FALSE(make_short_window({even.data(), 2, false, 1}, shorts));
}
