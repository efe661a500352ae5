#pragma once

#include <cmath>
#include <compare>
#include <complex>

#include "kernels/select/key.hpp"

namespace varve::kernels {

/// An unsigned integer of 16 bytes.
struct WideKey {
  std::uint64_t high;
  std::uint64_t low;
  friend auto operator<=>(const WideKey&, const WideKey&) = default;
  friend WideKey operator~(const WideKey& key) noexcept { return {~key.high, ~key.low}; }
};

/// Orders complex numbers by keys as NumPy does: by the real part, then the imaginary one; then numbers whose
/// imaginary part is NaN, by the real part; then those whose real part is NaN, by the imaginary part; then
/// those with two. A key has two words, the keys of the parts. What has a NaN gets a first word that no
/// number has, and in the second word the part that is left.
///
/// -0.0 and 0.0 are equal as a real part, and then the imaginary part decides. The two have neighbouring
/// first words, which together with the second hold 65 bits: the key of the imaginary part above the sign of
/// the real one. So equal numbers have neighbouring keys, and a key gives back its number, signs of zeros
/// too.
template <class T>
class ComplexKey {
 public:
  using Number = std::complex<T>;
  using Word = KeyOf<T>;
  using Key = std::conditional_t<sizeof(T) == 4, std::uint64_t, WideKey>;

  [[nodiscard]] static Key of(const Number& number) noexcept {
    const T re = number.real();
    const T im = number.imag();
    if (is_nan(re)) return is_nan(im) ? join(kNan + 2, 0) : join(kNan + 1, key_of(im));
    if (is_nan(im)) return join(kNan, key_of(re));
    if (re != 0) return join(key_of(re), key_of(im));
    const Word under = key_of(im);
    const Word sign = std::signbit(re) ? 0 : 1;
    return join(kMinusZero + (under >> kTopBit), static_cast<Word>(under << 1 | sign));
  }

  [[nodiscard]] static Number number(const Key& key) noexcept {
    constexpr T kNoNumber = std::numeric_limits<T>::quiet_NaN();
    const Word first = first_word(key);
    const Word second = second_word(key);
    if (first == kNan + 2) return {kNoNumber, kNoNumber};
    if (first == kNan + 1) return {kNoNumber, number_of<T>(second)};
    if (first == kNan) return {number_of<T>(second), kNoNumber};
    if (!is_zero(first)) return {number_of<T>(first), number_of<T>(second)};
    return {(second & 1) == 0 ? -T{0} : T{0},
            number_of<T>(static_cast<Word>((first - kMinusZero) << kTopBit | second >> 1))};
  }

  /// Tells whether the key is that of a number with a NaN.
  [[nodiscard]] static bool has_nan(const Key& key) noexcept { return first_word(key) >= kNan; }

  /// Gives equal numbers one key, that of the least or the greatest of them; of complements too.
  [[nodiscard]] static Key joined(const Key& key, bool greatest) noexcept {
    const Word first = first_word(key);
    const Word second = second_word(key);
    if (!is_zero(first)) return join(first, joined_part(second, greatest));
    const Word part = joined_part(static_cast<Word>((first - kMinusZero) << kTopBit | second >> 1), greatest);
    return join(kMinusZero + (part >> kTopBit), static_cast<Word>(part << 1 | (greatest ? 1 : 0)));
  }

 private:
  static constexpr int kTopBit = 8 * static_cast<int>(sizeof(T)) - 1;
  static constexpr Word kMinusZero = kSignBit<T> - 1;  // the key of -0.0; that of 0.0 comes next
  static inline const Word kNan = key_of(std::numeric_limits<T>::quiet_NaN());

  static bool is_zero(Word first) noexcept { return first == kMinusZero || first == kMinusZero + 1; }
  static Word joined_part(Word part, bool greatest) noexcept {
    return is_zero(part) ? static_cast<Word>(kMinusZero + (greatest ? 1 : 0)) : part;
  }
  static Key join(Word first, Word second) noexcept {
    if constexpr (sizeof(T) == 4) {
      return static_cast<Key>(first) << 32 | second;
    } else {
      return {first, second};
    }
  }
  static Word first_word(const Key& key) noexcept {
    if constexpr (sizeof(T) == 4) {
      return static_cast<Word>(key >> 32);
    } else {
      return key.high;
    }
  }
  static Word second_word(const Key& key) noexcept {
    if constexpr (sizeof(T) == 4) {
      return static_cast<Word>(key);
    } else {
      return key.low;
    }
  }
};

}  // namespace varve::kernels
