#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace varve::kernels {

/// An unsigned integer of the size of T.
template <class T>
using KeyOf =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

template <class T>
inline constexpr auto kSignBit = static_cast<KeyOf<T>>(KeyOf<T>{1} << (8 * sizeof(T) - 1));

template <class T>
[[nodiscard]] bool is_nan(T value) noexcept {
  return value != value;
}

/// Returns the integer that orders numbers as their values do: signed integers are shifted up, negative
/// floats mirrored. -0.0 comes before 0.0.
template <class T>
[[nodiscard]] KeyOf<T> key_of(T value) noexcept {
  const auto bits = std::bit_cast<KeyOf<T>>(value);
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<KeyOf<T>>((bits & kSignBit<T>) != 0 ? ~bits : bits | kSignBit<T>);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<KeyOf<T>>(bits ^ kSignBit<T>);
  } else {
    return bits;
  }
}

/// Returns the number of a key.
template <class T>
[[nodiscard]] T number_of(KeyOf<T> key) noexcept {
  if constexpr (std::is_floating_point_v<T>) {
    key = static_cast<KeyOf<T>>((key & kSignBit<T>) != 0 ? key ^ kSignBit<T> : ~key);
  } else if constexpr (std::is_signed_v<T>) {
    key = static_cast<KeyOf<T>>(key ^ kSignBit<T>);
  }
  return std::bit_cast<T>(key);
}

}  // namespace varve::kernels
