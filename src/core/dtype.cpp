#include "varve/core/dtype.hpp"

#include <algorithm>
#include <utility>

namespace varve {
namespace {

constexpr std::array<std::string_view, kDTypeCount> kNames = {
    "bool",   "int8",   "int16",   "int32",   "int64",   "uint8",     "uint16",
    "uint32", "uint64", "float16", "float32", "float64", "complex64", "complex128"};

// NumPy's other spellings of the same types.
constexpr std::pair<std::string_view, DType> kAliases[] = {
    {"b1", DType::boolean},        {"?", DType::boolean},      {"i1", DType::int8},
    {"i2", DType::int16},          {"i4", DType::int32},       {"i8", DType::int64},
    {"u1", DType::uint8},          {"u2", DType::uint16},      {"u4", DType::uint32},
    {"u8", DType::uint64},         {"f2", DType::float16},     {"f4", DType::float32},
    {"f8", DType::float64},        {"c8", DType::complex64},   {"c16", DType::complex128},
    {"half", DType::float16},      {"single", DType::float32}, {"double", DType::float64},
    {"float", DType::float64},     {"int", DType::int64},      {"boolean", DType::boolean},
    {"complex", DType::complex128}};

DType signed_of_size(std::int64_t bytes) {
  switch (bytes) {
    case 1:
      return DType::int8;
    case 2:
      return DType::int16;
    case 4:
      return DType::int32;
    default:
      return DType::int64;
  }
}

// Integers next to floating types: the smallest float that holds every integer of up to 11 or 24 bits
// exactly.
DType float_that_holds(DType integer) {
  if (integer == DType::boolean || size_bytes(integer) == 1) return DType::float16;
  return size_bytes(integer) == 2 ? DType::float32 : DType::float64;
}

DType complex_of(DType floating) { return floating == DType::float64 ? DType::complex128 : DType::complex64; }

}  // namespace

std::string_view name_of(DType dtype) noexcept { return kNames[static_cast<std::size_t>(dtype)]; }

std::optional<DType> parse_dtype(std::string_view name) noexcept {
  if (!name.empty() && (name[0] == '<' || name[0] == '|' || name[0] == '=')) name.remove_prefix(1);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return kAllDTypes[i];
  }
  for (const auto& [alias, dtype] : kAliases) {
    if (alias == name) return dtype;
  }
  return std::nullopt;
}

DType promote_types(DType left, DType right) noexcept {
  if (left == right) return left;
  if (left == DType::boolean) return right;
  if (right == DType::boolean) return left;
  if (kind_of(left) > kind_of(right)) std::swap(left, right);
  const DTypeKind lower = kind_of(left);
  const DTypeKind upper = kind_of(right);
  if (lower == upper) return size_bytes(left) > size_bytes(right) ? left : right;
  if (upper == DTypeKind::unsigned_integer) {
    if (right == DType::uint64) return DType::float64;
    return signed_of_size(std::max(size_bytes(left), 2 * size_bytes(right)));
  }
  if (upper == DTypeKind::floating) return promote_types(float_that_holds(left), right);
  const DType real = is_floating(left) ? left : float_that_holds(left);
  return promote_types(complex_of(real), right);
}

DType to_floating(DType dtype) noexcept {
  return is_floating(dtype) || is_complex(dtype) ? dtype : DType::float64;
}

DType real_of(DType dtype) noexcept {
  if (dtype == DType::complex64) return DType::float32;
  if (dtype == DType::complex128) return DType::float64;
  return dtype;
}

}  // namespace varve
