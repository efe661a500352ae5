#pragma once

#include <complex>
#include <concepts>
#include <cstdint>

#include "varve/core/dtype.hpp"

namespace varve {

/// Whether elements of some dtype are objects of the C++ type T.
template <class T>
inline constexpr bool is_element =
    (std::integral<T> && sizeof(T) <= 8 && !std::same_as<T, char8_t> && !std::same_as<T, char16_t> &&
     !std::same_as<T, char32_t> && !std::same_as<T, wchar_t> && !std::same_as<T, char>) ||
    std::same_as<T, Float16> || std::same_as<T, float> || std::same_as<T, double> ||
    std::same_as<T, std::complex<float>> || std::same_as<T, std::complex<double>>;

}  // namespace varve
