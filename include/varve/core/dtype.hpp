#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve {

/// The element type of an array. The names are those of the Array API standard, plus float16.
/// float16 is a storage type: values are computed in float32 and rounded back.
enum class DType : std::uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  float32,
  float64,
  complex64,
  complex128,
};

/// The number of dtypes.
inline constexpr int kDTypeCount = 14;

/// Every dtype, in the order of the enumeration.
inline constexpr std::array<DType, kDTypeCount> kAllDTypes = {
    DType::boolean, DType::int8,    DType::int16,     DType::int32,     DType::int64,
    DType::uint8,   DType::uint16,  DType::uint32,    DType::uint64,    DType::float16,
    DType::float32, DType::float64, DType::complex64, DType::complex128};

/// A group of dtypes that rules treat alike.
enum class DTypeKind : std::uint8_t { boolean, signed_integer, unsigned_integer, floating, complex };

/// The bits of an IEEE 754 binary16 number; arithmetic is never done on it.
struct Float16 {
  std::uint16_t bits = 0;  ///< sign, 5 bits of exponent, 10 of fraction
  friend bool operator==(Float16, Float16) = default;
};

/// Returns the bytes of one element.
[[nodiscard]] constexpr std::int64_t size_bytes(DType dtype) noexcept {
  constexpr std::int64_t kSizes[kDTypeCount] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16};
  return kSizes[static_cast<int>(dtype)];
}

/// Returns the kind of a dtype.
[[nodiscard]] constexpr DTypeKind kind_of(DType dtype) noexcept {
  if (dtype == DType::boolean) return DTypeKind::boolean;
  if (dtype <= DType::int64) return DTypeKind::signed_integer;
  if (dtype <= DType::uint64) return DTypeKind::unsigned_integer;
  if (dtype <= DType::float64) return DTypeKind::floating;
  return DTypeKind::complex;
}

/// Tells whether a dtype is an integer, signed or not.
[[nodiscard]] constexpr bool is_integer(DType dtype) noexcept {
  return kind_of(dtype) == DTypeKind::signed_integer || kind_of(dtype) == DTypeKind::unsigned_integer;
}
/// Tells whether a dtype is a real floating one.
[[nodiscard]] constexpr bool is_floating(DType dtype) noexcept {
  return kind_of(dtype) == DTypeKind::floating;
}
/// Tells whether a dtype is complex.
[[nodiscard]] constexpr bool is_complex(DType dtype) noexcept { return kind_of(dtype) == DTypeKind::complex; }

/// Returns the standard name: "bool", "int8", ... "complex128".
[[nodiscard]] std::string_view name_of(DType dtype) noexcept;

/// Returns the dtype of that name ("float32", also "f4", "<f4", "double" as NumPy spells them), if there is
/// one.
[[nodiscard]] std::optional<DType> parse_dtype(std::string_view name) noexcept;

/// Returns the dtype that holds values of both: the Array API promotion table, mixed kinds as NumPy 2.
/// int64 with uint64 gives float64; int32 with float32 gives float64; bool takes the other's dtype.
[[nodiscard]] DType promote_types(DType left, DType right) noexcept;

/// Returns the floating dtype in which a function that needs floating input computes: integers and bool give
/// float64.
[[nodiscard]] DType to_floating(DType dtype) noexcept;

/// Returns the dtype of the real part: complex64 gives float32, complex128 float64; others are unchanged.
[[nodiscard]] DType real_of(DType dtype) noexcept;

/// Maps a C++ type to its dtype at compile time: `dtype_of<float>() == DType::float32`.
template <class T>
[[nodiscard]] constexpr DType dtype_of() noexcept;

template <>
constexpr DType dtype_of<bool>() noexcept {
  return DType::boolean;
}
template <>
constexpr DType dtype_of<std::int8_t>() noexcept {
  return DType::int8;
}
template <>
constexpr DType dtype_of<std::int16_t>() noexcept {
  return DType::int16;
}
template <>
constexpr DType dtype_of<std::int32_t>() noexcept {
  return DType::int32;
}
template <>
constexpr DType dtype_of<std::int64_t>() noexcept {
  return DType::int64;
}
template <>
constexpr DType dtype_of<std::uint8_t>() noexcept {
  return DType::uint8;
}
template <>
constexpr DType dtype_of<std::uint16_t>() noexcept {
  return DType::uint16;
}
template <>
constexpr DType dtype_of<std::uint32_t>() noexcept {
  return DType::uint32;
}
template <>
constexpr DType dtype_of<std::uint64_t>() noexcept {
  return DType::uint64;
}
template <>
constexpr DType dtype_of<Float16>() noexcept {
  return DType::float16;
}
template <>
constexpr DType dtype_of<float>() noexcept {
  return DType::float32;
}
template <>
constexpr DType dtype_of<double>() noexcept {
  return DType::float64;
}
template <>
constexpr DType dtype_of<std::complex<float>>() noexcept {
  return DType::complex64;
}
template <>
constexpr DType dtype_of<std::complex<double>>() noexcept {
  return DType::complex128;
}
template <>
constexpr DType dtype_of<long long>() noexcept {
  return DType::int64;
}
template <>
constexpr DType dtype_of<unsigned long long>() noexcept {
  return DType::uint64;
}

}  // namespace varve
