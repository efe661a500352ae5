#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/sort/complex_key.hpp"

using namespace varve::kernels;

namespace {

// NumPy's order: [R + Rj, R + nan j, nan + Rj, nan + nan j].
template <class T>
bool before(const std::complex<T>& a, const std::complex<T>& b) {
  const auto nans = [](const std::complex<T>& x) {
    return (std::isnan(x.real()) ? 2 : 0) + (std::isnan(x.imag()) ? 1 : 0);
  };
  if (nans(a) != nans(b)) return nans(a) < nans(b);
  if (nans(a) < 2 && a.real() != b.real()) return a.real() < b.real();
  return nans(a) % 2 == 0 && a.imag() < b.imag();
}

template <class T>
std::vector<std::complex<T>> all_pairs() {
  using Limits = std::numeric_limits<T>;
  const T parts[] = {0,
                     -T{0},
                     1,
                     -1,
                     Limits::infinity(),
                     -Limits::infinity(),
                     Limits::max(),
                     Limits::lowest(),
                     Limits::denorm_min(),
                     -Limits::denorm_min(),
                     Limits::quiet_NaN()};
  std::vector<std::complex<T>> pairs;
  for (const T re : parts) {
    for (const T im : parts) pairs.emplace_back(re, im);
  }
  return pairs;
}

template <class T>
bool same_part(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

template <class T>
void check_keys() {
  using Keys = ComplexKey<T>;
  for (const std::complex<T>& a : all_pairs<T>()) {
    INFO(a.real() << " + " << a.imag() << "j");
    const auto key = Keys::of(a);
    const std::complex<T> back = Keys::number(key);
    CHECK(same_part(back.real(), a.real()));
    CHECK(same_part(back.imag(), a.imag()));
    CHECK(Keys::has_nan(key) == (std::isnan(a.real()) || std::isnan(a.imag())));
    for (const std::complex<T>& b : all_pairs<T>()) {
      INFO(b.real() << " + " << b.imag() << "j");
      const auto other = Keys::of(b);
      if (before(a, b)) CHECK(key < other);
      // Numbers of which none comes first get one key, of complements too.
      const bool equal = !before(a, b) && !before(b, a);
      for (const bool greatest : {false, true}) {
        CHECK((Keys::joined(key, greatest) == Keys::joined(other, greatest)) == equal);
        CHECK((Keys::joined(~key, greatest) == Keys::joined(~other, greatest)) == equal);
        if (before(a, b)) {
          CHECK(Keys::joined(key, greatest) < Keys::joined(other, greatest));
          CHECK(Keys::joined(~other, greatest) < Keys::joined(~key, greatest));
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("complex keys: order as NumPy does, and give back every number but the payload of NaN",
          "[kernels]") {
  check_keys<float>();
  check_keys<double>();
}
