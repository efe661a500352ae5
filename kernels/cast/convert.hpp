#pragma once

#include <limits>

#include "kernels/cast/half.hpp"
#include "kernels/cast/table.hpp"
#include "kernels/elementwise/complex_pair.hpp"

/// The conversion of one value, for any pair of types. Only *.isa.cpp include this file.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T>
inline constexpr bool kIsPair = false;
template <class T>
inline constexpr bool kIsPair<Pair<T>> = true;

/// Truncates; what does not fit saturates; NaN gives 0. The value is clamped first, so that the conversion
/// itself is always defined.
template <class Integer, class Floating>
VARVE_INLINE Integer to_integer(Floating x) noexcept {
  using Limits = std::numeric_limits<Integer>;
  constexpr Floating kLow = static_cast<Floating>(Limits::min());
  // The first power of two that does not fit, and the largest floating value below it.
  constexpr Floating kTooBig = static_cast<Floating>(Limits::max() / 2 + 1) * Floating{2};
  constexpr int kExcessBits = Limits::digits - std::numeric_limits<Floating>::digits;
  constexpr Integer kHighInteger =
      kExcessBits > 0 ? static_cast<Integer>(Limits::max() >> kExcessBits << kExcessBits) : Limits::max();
  constexpr Floating kHigh = static_cast<Floating>(kHighInteger);
  Floating clamped = x > kLow ? x : kLow;  // NaN too
  clamped = clamped < kHigh ? clamped : kHigh;
  Integer value = static_cast<Integer>(clamped);
  if constexpr (kExcessBits > 0) value = x >= kTooBig ? Limits::max() : value;
  return x == x ? value : Integer{0};
}

/// Converts to `To`. Integers of one width convert alike (they wrap), so unsigned targets serve both signs if
/// the source is an integer or bool.
template <class To>
struct Cast {
  template <class From>
  static VARVE_INLINE To eval(From x) noexcept {
    if constexpr (std::is_same_v<From, To>) {
      return x;
    } else if constexpr (std::is_same_v<To, bool>) {
      return is_nonzero(x);
    } else if constexpr (kIsPair<To>) {
      return to_pair(x);
    } else if constexpr (kIsPair<From>) {
      return eval(x.re);
    } else if constexpr (std::is_same_v<From, Float16>) {
      return eval(widen_half(x));
    } else if constexpr (std::is_same_v<To, Float16>) {
      return to_half(x);
    } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
      return to_integer<To>(x);
    } else {
      return static_cast<To>(x);
    }
  }

 private:
  template <class From>
  static VARVE_INLINE bool is_nonzero(From x) noexcept {
    if constexpr (kIsPair<From>) {
      return (x.re != 0) | (x.im != 0);
    } else if constexpr (std::is_same_v<From, Float16>) {
      return (x.bits & 0x7fffu) != 0;
    } else {
      return x != From{0};
    }
  }

  template <class From>
  static VARVE_INLINE To to_pair(From x) noexcept {
    using Part = decltype(To{}.re);
    if constexpr (kIsPair<From>) {
      return {static_cast<Part>(x.re), static_cast<Part>(x.im)};
    } else {
      return {Cast<Part>::eval(x), Part{0}};
    }
  }

  // Integers that are rounded on the way to float are beyond the range of half in any case.
  template <class From>
  static VARVE_INLINE Float16 to_half(From x) noexcept {
    if constexpr (std::is_same_v<From, double>) {
      return narrow_to_half(x);
    } else {
      return narrow_to_half(static_cast<float>(x));
    }
  }
};

VARVE_INLINE VectorFunction& entry(CastTable& table, DType from, DType to) noexcept {
  return table.kernels[static_cast<int>(from)][static_cast<int>(to)];
}

template <class From, class To>
VARVE_INLINE void add_cast(CastTable& table, DType from, DType to) noexcept {
  entry(table, from, to) = &unary_kernel<Cast<To>, From>;
}

/// Enters the conversions to everything that is not an integer.
template <class From>
void add_casts_to_inexact(CastTable& table, DType from) noexcept {
  add_cast<From, bool>(table, from, DType::boolean);
  add_cast<From, Float16>(table, from, DType::float16);
  add_cast<From, float>(table, from, DType::float32);
  add_cast<From, double>(table, from, DType::float64);
  add_cast<From, Complex64>(table, from, DType::complex64);
  add_cast<From, Complex128>(table, from, DType::complex128);
}

template <class From>
void add_casts_from_integer(CastTable& table, DType from) noexcept {
  add_casts_to_inexact<From>(table, from);
  add_cast<From, std::uint8_t>(table, from, DType::uint8);
  add_cast<From, std::uint16_t>(table, from, DType::uint16);
  add_cast<From, std::uint32_t>(table, from, DType::uint32);
  add_cast<From, std::uint64_t>(table, from, DType::uint64);
  entry(table, from, DType::int8) = entry(table, from, DType::uint8);
  entry(table, from, DType::int16) = entry(table, from, DType::uint16);
  entry(table, from, DType::int32) = entry(table, from, DType::uint32);
  entry(table, from, DType::int64) = entry(table, from, DType::uint64);
}

template <class From>
void add_casts_from_inexact(CastTable& table, DType from) noexcept {
  add_casts_to_inexact<From>(table, from);
  add_cast<From, std::int8_t>(table, from, DType::int8);
  add_cast<From, std::int16_t>(table, from, DType::int16);
  add_cast<From, std::int32_t>(table, from, DType::int32);
  add_cast<From, std::int64_t>(table, from, DType::int64);
  add_cast<From, std::uint8_t>(table, from, DType::uint8);
  add_cast<From, std::uint16_t>(table, from, DType::uint16);
  add_cast<From, std::uint32_t>(table, from, DType::uint32);
  add_cast<From, std::uint64_t>(table, from, DType::uint64);
}

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
