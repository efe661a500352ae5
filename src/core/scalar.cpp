#include "varve/core/scalar.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "varve/core/error.hpp"

namespace varve {
namespace {

template <class T>
void put(T value, std::byte* out) {
  std::memcpy(out, &value, sizeof value);
}

// Converts without undefined behaviour: a float out of an integer's range saturates, NaN gives 0.
template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From{};
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    if (std::isnan(value)) return To{0};
    if (value >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
    if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

// Narrows to float; a NaN keeps its sign and the upper bits of its payload, which conversions by the
// processor need not do.
template <class From>
float narrow(From value) {
  if constexpr (std::is_same_v<From, double>) {
    if (std::isnan(value)) {
      const auto bits = std::bit_cast<std::uint64_t>(value);
      const auto sign = static_cast<std::uint32_t>(bits >> 32U) & 0x80000000U;
      const auto payload = static_cast<std::uint32_t>(bits >> 29U) & 0x7fffffU;
      return std::bit_cast<float>(sign | 0x7f800000U | (payload == 0 ? 0x400000U : payload));
    }
  }
  return convert<float>(value);
}

template <class From>
void store_real(From value, DType dtype, std::byte* out) {
  switch (dtype) {
    case DType::boolean:
      return put(convert<bool>(value), out);
    case DType::int8:
      return put(convert<std::int8_t>(value), out);
    case DType::int16:
      return put(convert<std::int16_t>(value), out);
    case DType::int32:
      return put(convert<std::int32_t>(value), out);
    case DType::int64:
      return put(convert<std::int64_t>(value), out);
    case DType::uint8:
      return put(convert<std::uint8_t>(value), out);
    case DType::uint16:
      return put(convert<std::uint16_t>(value), out);
    case DType::uint32:
      return put(convert<std::uint32_t>(value), out);
    case DType::uint64:
      return put(convert<std::uint64_t>(value), out);
    case DType::float16:
      return put(to_float16(narrow(value)), out);
    case DType::float32:
      return put(narrow(value), out);
    case DType::float64:
      return put(convert<double>(value), out);
    case DType::complex64:
      return put(std::complex<float>(convert<float>(value)), out);
    case DType::complex128:
      return put(std::complex<double>(convert<double>(value)), out);
  }
}

std::string format_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, result.ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

DType Scalar::default_dtype() const noexcept {
  constexpr DType kDefaults[] = {DType::boolean, DType::int64, DType::uint64, DType::float64,
                                 DType::complex128};
  return kDefaults[value_.index()];
}

void Scalar::store(DType dtype, std::byte* out) const {
  if (const auto* complex = std::get_if<std::complex<double>>(&value_)) {
    if (dtype == DType::complex64) return put(std::complex<float>(*complex), out);
    if (dtype == DType::complex128) return put(*complex, out);
    return store_real(complex->real(), dtype, out);
  }
  std::visit(
      [&](const auto& value) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, std::complex<double>>) {
          store_real(value, dtype, out);
        }
      },
      value_);
}

bool Scalar::fits(DType dtype) const noexcept {
  if (!is_integer(dtype)) return true;
  const std::int64_t bits = 8 * size_bytes(dtype);
  const bool is_signed = kind_of(dtype) == DTypeKind::signed_integer;
  const std::uint64_t max = std::numeric_limits<std::uint64_t>::max() >> (64 - bits + (is_signed ? 1 : 0));
  if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    if (*number >= 0) return static_cast<std::uint64_t>(*number) <= max;
    return is_signed && *number >= -static_cast<std::int64_t>(max) - 1;
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value_)) return *number <= max;
  return true;
}

bool representable(const Scalar& scalar, DType dtype) noexcept {
  if (const auto* value = std::get_if<std::complex<double>>(&scalar.value())) {
    return is_complex(dtype) || (value->imag() == 0 && representable(Scalar(value->real()), dtype));
  }
  if (is_floating(dtype) || is_complex(dtype)) return true;
  if (const auto* value = std::get_if<double>(&scalar.value())) {
    const bool is_signed = kind_of(dtype) == DTypeKind::signed_integer;
    const auto bits = static_cast<int>(8 * size_bytes(dtype));
    const double end = dtype == DType::boolean ? 2 : std::ldexp(1.0, is_signed ? bits - 1 : bits);
    return *value == std::trunc(*value) && *value < end && *value >= (is_signed ? -end : 0);
  }
  if (dtype != DType::boolean) return scalar.fits(dtype);
  const auto* whole = std::get_if<std::int64_t>(&scalar.value());
  const auto* natural = std::get_if<std::uint64_t>(&scalar.value());
  return whole != nullptr ? *whole == 0 || *whole == 1 : natural == nullptr || *natural <= 1;
}

DType promote_with_scalar(DType array, const Scalar& scalar) {
  const DTypeKind kind = kind_of(scalar.default_dtype());
  if (kind == DTypeKind::boolean) return array;
  if (kind == DTypeKind::complex) {
    if (is_complex(array)) return array;
    return is_floating(array) && array != DType::float64 ? DType::complex64 : DType::complex128;
  }
  if (kind == DTypeKind::floating) return to_floating(array);
  if (array == DType::boolean) return scalar.default_dtype();
  if (!scalar.fits(array)) {
    throw DTypeError("the integer " + to_string(scalar) + " does not fit " + std::string(name_of(array)) +
                     "; cast the array with astype first");
  }
  return array;
}

std::string to_string(const Scalar& scalar) {
  struct Formatter {
    std::string operator()(bool value) const { return value ? "True" : "False"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(std::uint64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return format_double(value); }
    std::string operator()(std::complex<double> value) const {
      std::string text = format_double(value.real());
      text += std::signbit(value.imag()) ? '-' : '+';
      text += format_double(std::abs(value.imag()));
      return '(' + text + "j)";
    }
  };
  return std::visit(Formatter{}, scalar.value());
}

Float16 to_float16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U)
    return {static_cast<std::uint16_t>(sign | 0x7e00U | ((magnitude >> 13) & 0x1ffU))};
  if (magnitude >= 0x47800000U) return {static_cast<std::uint16_t>(sign | 0x7c00U)};  // 65536 and above
  if (magnitude < 0x38800000U) {
    // Subnormal or zero: adding 0.5 aligns the significand so that the hardware rounds to nearest even.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000U))};
  }
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  return {static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000U + 0xfffU + odd) >> 13))};
}

float to_float32(Float16 value) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(value.bits & 0x8000U) << 16;
  const std::uint32_t magnitude = value.bits & 0x7fffU;
  if (magnitude >= 0x7c00U) return std::bit_cast<float>(sign | 0x7f800000U | ((magnitude & 0x3ffU) << 13));
  if (magnitude >= 0x0400U) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000U));
  const float scaled = static_cast<float>(magnitude) * 0x1p-24F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

}  // namespace varve
