#include "support/number.hpp"

#include <cmath>
#include <cstring>

namespace varve::dense {
namespace {

template <class T>
T raw(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void put(T value, std::byte* to) {
  std::memcpy(to, &value, sizeof value);
}

Real half_to_real(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const Real fraction = bits & 1023;
  const Real sign = (bits >> 15) != 0 ? -1 : 1;
  if (exponent == 31) return fraction != 0 ? std::numeric_limits<Real>::quiet_NaN() : sign * HUGE_VALL;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

std::uint16_t real_to_half(Real value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const Real magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7e00);
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | 0x7c00);
  if (magnitude < 0x1p-14L) return static_cast<std::uint16_t>(sign | static_cast<int>(magnitude * 0x1p24L));
  const int exponent = std::ilogb(magnitude);
  const int fraction = static_cast<int>(std::ldexp(magnitude, 10 - exponent)) - 1024;
  return static_cast<std::uint16_t>(sign | ((exponent + 15) << 10) | fraction);
}

Real round_to_half(Real value) {
  const Real through_float = static_cast<float>(value);
  if (!std::isfinite(through_float) || through_float == 0) return through_float;
  const Real step = ulp(DType::float16, through_float);
  const Real result = std::nearbyint(through_float / step) * step;
  return std::fabs(result) > 65504 ? std::copysign(HUGE_VALL, value) : std::copysign(result, value);
}

int precision(DType dtype) {
  if (dtype == DType::float16) return 11;
  return real_of(dtype) == DType::float32 ? 24 : 53;
}

int min_exponent(DType dtype) {
  if (dtype == DType::float16) return -24;
  return real_of(dtype) == DType::float32 ? -149 : -1074;
}

}  // namespace

Number load(DType dtype, const std::byte* from) {
  switch (dtype) {
    case DType::boolean:
      return static_cast<Real>(raw<std::uint8_t>(from));
    case DType::int8:
      return static_cast<Real>(raw<std::int8_t>(from));
    case DType::int16:
      return static_cast<Real>(raw<std::int16_t>(from));
    case DType::int32:
      return static_cast<Real>(raw<std::int32_t>(from));
    case DType::int64:
      return static_cast<Real>(raw<std::int64_t>(from));
    case DType::uint8:
      return static_cast<Real>(raw<std::uint8_t>(from));
    case DType::uint16:
      return static_cast<Real>(raw<std::uint16_t>(from));
    case DType::uint32:
      return static_cast<Real>(raw<std::uint32_t>(from));
    case DType::uint64:
      return static_cast<Real>(raw<std::uint64_t>(from));
    case DType::float16:
      return half_to_real(raw<std::uint16_t>(from));
    case DType::float32:
      return static_cast<Real>(raw<float>(from));
    case DType::float64:
      return static_cast<Real>(raw<double>(from));
    case DType::complex64:
      return {raw<float>(from), raw<float>(from + 4)};
    case DType::complex128:
      return {raw<double>(from), raw<double>(from + 8)};
  }
  return {};
}

void store(DType dtype, const Number& value, std::byte* to) {
  const Real real = value.real();
  switch (dtype) {
    case DType::boolean:
      return put(static_cast<std::uint8_t>(real != 0), to);
    case DType::int8:
      return put(static_cast<std::int8_t>(real), to);
    case DType::int16:
      return put(static_cast<std::int16_t>(real), to);
    case DType::int32:
      return put(static_cast<std::int32_t>(real), to);
    case DType::int64:
      return put(static_cast<std::int64_t>(real), to);
    case DType::uint8:
      return put(static_cast<std::uint8_t>(real), to);
    case DType::uint16:
      return put(static_cast<std::uint16_t>(real), to);
    case DType::uint32:
      return put(static_cast<std::uint32_t>(real), to);
    case DType::uint64:
      return put(static_cast<std::uint64_t>(real), to);
    case DType::float16:
      return put(real_to_half(real), to);
    case DType::float32:
      return put(static_cast<float>(real), to);
    case DType::float64:
      return put(static_cast<double>(real), to);
    case DType::complex64:
      put(static_cast<float>(real), to);
      return put(static_cast<float>(value.imag()), to + 4);
    case DType::complex128:
      put(static_cast<double>(real), to);
      return put(static_cast<double>(value.imag()), to + 8);
  }
}

Number wrapped(DType dtype, Wide value) {
  if (dtype == DType::boolean) return value != 0 ? 1 : 0;
  const Wide modulus = Wide{1} << (8 * size_bytes(dtype));
  Wide low = value % modulus;
  if (low < 0) low += modulus;
  if (kind_of(dtype) == DTypeKind::signed_integer && low >= modulus / 2) low -= modulus;
  return static_cast<Real>(low);
}

Number rounded(DType dtype, const Number& value) {
  switch (dtype) {
    case DType::float16:
      return round_to_half(value.real());
    case DType::float32:
      return static_cast<Real>(static_cast<float>(value.real()));
    case DType::float64:
      return static_cast<Real>(static_cast<double>(value.real()));
    case DType::complex64:
      return {static_cast<float>(value.real()), static_cast<float>(value.imag())};
    default:
      return {static_cast<double>(value.real()), static_cast<double>(value.imag())};
  }
}

Number cast(const Number& value, DType from, DType to) {
  if (from == to) return value;
  if (to == DType::boolean) return truth(value) ? 1 : 0;
  if (is_complex(to)) return rounded(to, value);
  if (!is_integer(to)) return rounded(to, value.real());
  if (is_integer(from) || from == DType::boolean) return wrapped(to, static_cast<Wide>(value.real()));
  const auto bits = static_cast<int>(8 * size_bytes(to));
  const bool is_signed = kind_of(to) == DTypeKind::signed_integer;
  const Real most = std::ldexp(Real{1}, is_signed ? bits - 1 : bits) - 1;
  const Real least = is_signed ? -most - 1 : 0;
  if (std::isnan(value.real())) return 0;
  return std::fmax(least, std::fmin(most, std::trunc(value.real()))) + Real{0};  // no -0 among integers
}

Real ulp(DType dtype, Real magnitude) {
  if (magnitude == 0 || !std::isfinite(magnitude)) return std::ldexp(Real{1}, min_exponent(dtype));
  return std::ldexp(Real{1}, std::max(std::ilogb(magnitude) - precision(dtype) + 1, min_exponent(dtype)));
}

Real largest(DType dtype) {
  if (dtype == DType::float16) return 65504;
  return real_of(dtype) == DType::float32 ? static_cast<Real>(std::numeric_limits<float>::max())
                                          : static_cast<Real>(std::numeric_limits<double>::max());
}

}  // namespace varve::dense
