#pragma once

#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/reduce.hpp"

// A second, deliberately plain implementation of every reduction, in long double (which holds every int64 and
// uint64).

namespace reduce_oracle {

using varve::DType;
using varve::kernels::ReduceOp;

using Number = std::complex<long double>;

[[nodiscard]] inline bool is_nan(const Number& x) { return std::isnan(x.real()) || std::isnan(x.imag()); }

/// Holds elements of one dtype as bytes.
struct Elements {
  DType dtype;
  std::vector<std::byte> bytes;

  [[nodiscard]] std::int64_t size() const { return std::ssize(bytes) / size_bytes(dtype); }
  [[nodiscard]] const std::byte* at(std::int64_t i) const { return bytes.data() + i * size_bytes(dtype); }
};

template <class T>
[[nodiscard]] T load(const std::byte* element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  return value;
}

[[nodiscard]] inline Number to_number(DType dtype, const std::byte* element) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8:
      return load<std::uint8_t>(element);
    case DType::int8:
      return load<std::int8_t>(element);
    case DType::int16:
      return load<std::int16_t>(element);
    case DType::int32:
      return load<std::int32_t>(element);
    case DType::int64:
      return static_cast<long double>(load<std::int64_t>(element));
    case DType::uint16:
      return load<std::uint16_t>(element);
    case DType::uint32:
      return load<std::uint32_t>(element);
    case DType::uint64:
      return static_cast<long double>(load<std::uint64_t>(element));
    case DType::float32:
      return load<float>(element);
    case DType::float64:
      return load<double>(element);
    case DType::complex64:
      return {load<float>(element), load<float>(element + 4)};
    case DType::complex128:
      return {load<double>(element), load<double>(element + 8)};
    default:
      return 0;
  }
}

[[nodiscard]] inline std::vector<Number> to_numbers(const Elements& elements) {
  std::vector<Number> numbers;
  for (std::int64_t i = 0; i < elements.size(); ++i)
    numbers.push_back(to_number(elements.dtype, elements.at(i)));
  return numbers;
}

/// The exact result, and the size of the terms that an inexact one was added up from.
struct Expected {
  Number value;
  long double scale = 0;
};

/// Returns the bits of an integer element, widened to 64.
[[nodiscard]] inline std::uint64_t wrapped(DType dtype, const Number& x) {
  return kind_of(dtype) == varve::DTypeKind::signed_integer
             ? static_cast<std::uint64_t>(static_cast<std::int64_t>(x.real()))
             : static_cast<std::uint64_t>(x.real());
}

[[nodiscard]] inline Expected integer_fold(DType dtype, const std::vector<Number>& x, bool product) {
  std::uint64_t result = product ? 1 : 0;
  for (const Number& value : x) {
    if (product) result *= wrapped(dtype, value);
    if (!product) result += wrapped(dtype, value);
  }
  if (kind_of(dtype) == varve::DTypeKind::unsigned_integer) return {static_cast<long double>(result)};
  return {static_cast<long double>(static_cast<std::int64_t>(result))};
}

[[nodiscard]] inline Expected sum(const std::vector<Number>& x) {
  Expected result{0};
  for (const Number& value : x) {
    result.value += value;
    result.scale += std::abs(value.real()) + std::abs(value.imag());
  }
  return result;
}

[[nodiscard]] inline Expected product(const std::vector<Number>& x) {
  long double re = 1;
  long double im = 0;
  bool is_complex = false;
  for (const Number& value : x) is_complex |= value.imag() != 0;
  for (const Number& value : x) {
    const long double real = is_complex ? re * value.real() - im * value.imag() : re * value.real();
    im = is_complex ? re * value.imag() + im * value.real() : 0;
    re = real;
  }
  return {{re, im}, std::abs(re) + std::abs(im)};
}

[[nodiscard]] inline Expected mean(const std::vector<Number>& x) {
  const Expected total = sum(x);
  const auto n = static_cast<long double>(x.size());
  return {{total.value.real() / n, total.value.imag() / n}, total.scale / n};
}

[[nodiscard]] inline Expected variance(const std::vector<Number>& x, long double correction) {
  const auto n = static_cast<long double>(x.size());
  if (n - correction <= 0) return {std::numeric_limits<long double>::quiet_NaN()};
  const Number center = mean(x).value;
  long double squares = 0;
  for (const Number& value : x) {
    const Number deviation = value - center;
    squares += deviation.real() * deviation.real() + deviation.imag() * deviation.imag();
  }
  const long double scale = mean(x).scale;
  return {squares / (n - correction), squares / (n - correction) + scale * scale * 1e-3L};
}

/// Returns the position of the extreme element; of the first NaN if there is one; -1 if there is no element.
[[nodiscard]] inline std::int64_t extreme_position(const std::vector<Number>& x, bool least) {
  std::int64_t best = -1;
  for (std::int64_t i = 0; i < std::ssize(x); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (is_nan(x[at])) return i;
    if (best < 0) best = 0;
    const long double value = x[at].real();
    const long double current = x[static_cast<std::size_t>(best)].real();
    if (least ? value < current : value > current) best = i;
  }
  return best;
}

[[nodiscard]] inline Expected extreme(const std::vector<Number>& x, bool least) {
  const std::int64_t position = extreme_position(x, least);
  if (position < 0) return {std::numeric_limits<long double>::quiet_NaN()};
  return {x[static_cast<std::size_t>(position)]};
}

[[nodiscard]] inline long double count_nonzero(const std::vector<Number>& x) {
  long double count = 0;
  for (const Number& value : x) count += value != Number(0) ? 1 : 0;
  return count;
}

[[nodiscard]] inline bool skips_nan(ReduceOp op) { return op >= ReduceOp::nansum; }

/// Returns the position, among all elements, of the i-th that is not NaN.
[[nodiscard]] inline std::int64_t position_in_all(const std::vector<Number>& all, std::int64_t i) {
  for (std::int64_t k = 0; k < std::ssize(all); ++k) {
    if (!is_nan(all[static_cast<std::size_t>(k)]) && i-- == 0) return k;
  }
  return -1;
}

[[nodiscard]] inline Expected expected_result(ReduceOp op, DType dtype, const std::vector<Number>& all,
                                              long double correction = 0) {
  std::vector<Number> x;
  for (const Number& value : all) {
    if (!skips_nan(op) || !is_nan(value)) x.push_back(value);
  }
  const bool exact = kind_of(dtype) == varve::DTypeKind::boolean || is_integer(dtype);
  const auto count = static_cast<long double>(x.size());
  switch (op) {
    case ReduceOp::sum:
    case ReduceOp::nansum:
      return exact ? integer_fold(dtype, x, false) : sum(x);
    case ReduceOp::prod:
    case ReduceOp::nanprod:
      return exact ? integer_fold(dtype, x, true) : product(x);
    case ReduceOp::mean:
    case ReduceOp::nanmean:
      return mean(x);
    case ReduceOp::var:
    case ReduceOp::nanvar:
      return variance(x, correction);
    case ReduceOp::std:
    case ReduceOp::nanstd: {
      const Expected squared = variance(x, correction);
      return {std::sqrt(squared.value.real()), std::sqrt(squared.scale)};
    }
    case ReduceOp::min:
    case ReduceOp::nanmin:
      return extreme(x, true);
    case ReduceOp::max:
    case ReduceOp::nanmax:
      return extreme(x, false);
    case ReduceOp::argmin:
      return {static_cast<long double>(extreme_position(x, true))};
    case ReduceOp::argmax:
      return {static_cast<long double>(extreme_position(x, false))};
    case ReduceOp::nanargmin:
      return {static_cast<long double>(position_in_all(all, extreme_position(x, true)))};
    case ReduceOp::nanargmax:
      return {static_cast<long double>(position_in_all(all, extreme_position(x, false)))};
    case ReduceOp::any:
      return {count_nonzero(x) > 0 ? 1.0L : 0.0L};
    case ReduceOp::all:
      return {count_nonzero(x) == count ? 1.0L : 0.0L};
    case ReduceOp::count_nonzero:
      return {count_nonzero(x)};
    case ReduceOp::nancount:
      return {count};
  }
  return {};
}

/// Says how wild the elements are that `make_elements` draws.
struct Wildness {
  bool near_one = false;  ///< magnitudes whose product stays in range
  bool extremes = false;  ///< the largest and least of the dtype, the denormal ones, signed zeros
  bool infinities = false;
  int nan_percent = 0;
};

[[nodiscard]] inline double draw_real(DType dtype, const Wildness& wildness, std::mt19937& random) {
  const bool is_single = real_of(dtype) == DType::float32;
  if (static_cast<int>(random() % 100) < wildness.nan_percent)
    return std::numeric_limits<double>::quiet_NaN();
  if (wildness.infinities && random() % 40 == 0) return random() % 2 == 0 ? INFINITY : -INFINITY;
  if (wildness.extremes && random() % 3 == 0) {
    const double largest = is_single ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
    const double tiny =
        is_single ? std::numeric_limits<float>::denorm_min() : std::numeric_limits<double>::denorm_min();
    const double choices[] = {0.0, -0.0, largest, -largest, tiny, -tiny, 1.0, -1.0};
    return choices[random() % 8];
  }
  const double uniform = static_cast<double>(static_cast<std::int32_t>(random())) / 0x1p31;
  const double sign = random() % 2 == 0 ? 1 : -1;
  const double near_one = sign * std::exp2(uniform / 64) * (is_complex(dtype) ? std::sqrt(0.5) : 1.0);
  const double value = wildness.near_one ? near_one : uniform * 2;
  return is_single ? static_cast<float>(value) : value;
}

[[nodiscard]] inline std::uint64_t draw_integer(DType dtype, std::mt19937& random) {
  const std::uint64_t high = std::uint64_t{1} << (8 * size_bytes(dtype) - 1);
  const std::uint64_t choices[] = {0, 1, ~std::uint64_t{0}, high, high - 1, random() % 100};
  if (random() % 3 == 0) return choices[random() % 6];
  return (static_cast<std::uint64_t>(random()) << 32) | random();
}

inline void store_real(double value, DType part, std::byte* out) {
  const auto single = static_cast<float>(value);
  if (part == DType::float32) std::memcpy(out, &single, sizeof single);
  if (part == DType::float64) std::memcpy(out, &value, sizeof value);
}

/// Draws n elements. Integers always come from their whole range.
[[nodiscard]] inline Elements make_elements(DType dtype, std::int64_t n, const Wildness& wildness,
                                            unsigned seed) {
  std::mt19937 random(seed);
  Elements elements{dtype, std::vector<std::byte>(static_cast<std::size_t>(n * size_bytes(dtype)))};
  const DType part = real_of(dtype);
  for (std::int64_t i = 0; i < n; ++i) {
    std::byte* out = elements.bytes.data() + i * size_bytes(dtype);
    if (dtype == DType::boolean) {
      *out = static_cast<std::byte>(random() % 2);
    } else if (is_integer(dtype)) {
      const std::uint64_t value = draw_integer(dtype, random);
      std::memcpy(out, &value, static_cast<std::size_t>(size_bytes(dtype)));
    } else {
      store_real(draw_real(dtype, wildness, random), part, out);
      if (is_complex(dtype)) {
        store_real(draw_real(dtype, wildness, random), part, out + size_bytes(part));
      }
    }
  }
  return elements;
}

}  // namespace reduce_oracle
