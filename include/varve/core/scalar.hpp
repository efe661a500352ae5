#pragma once

#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "varve/core/dtype.hpp"

namespace varve {

/// A C++ or Python-like number without a dtype of its own: it is *weak*, it takes the dtype of the array
/// beside it where the kinds allow that (Array API, NumPy 2).
class Scalar {
 public:
  /// The kinds of number.
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::complex<double>>;

  /// Takes a truth value.
  Scalar(bool value) : value_(value) {}
  /// Takes a signed integer.
  template <std::signed_integral T>
  Scalar(T value) : value_(static_cast<std::int64_t>(value)) {}
  /// Takes an unsigned integer.
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Scalar(T value) : value_(static_cast<std::uint64_t>(value)) {}
  /// Takes a real number.
  template <std::floating_point T>
  Scalar(T value) : value_(static_cast<double>(value)) {}
  /// Takes a complex number.
  template <std::floating_point T>
  Scalar(std::complex<T> value) : value_(std::complex<double>(value)) {}

  /// Returns the number.
  [[nodiscard]] const Value& value() const noexcept { return value_; }
  /// Returns the dtype that the scalar has where no array stands beside it: bool, int64, uint64, float64,
  /// complex128.
  [[nodiscard]] DType default_dtype() const noexcept;
  /// Writes the value as one element of `dtype` to `out`; rounds and wraps as a C++ conversion does.
  void store(DType dtype, std::byte* out) const;
  /// Tells whether an integer dtype holds the integer value exactly.
  [[nodiscard]] bool fits(DType dtype) const noexcept;

  friend bool operator==(const Scalar&, const Scalar&) = default;

 private:
  Value value_;
};

/// Tells whether a dtype has the value, rounded at most: an integer dtype holds whole numbers in its range,
/// bool 0 and 1, real dtypes no imaginary part.
[[nodiscard]] bool representable(const Scalar& scalar, DType dtype) noexcept;

/// Returns the dtype of an operation between an array and a weak scalar.
///
/// Errors:  DTypeError if an integer scalar does not fit the array's integer dtype.
[[nodiscard]] DType promote_with_scalar(DType array, const Scalar& scalar);

/// Formats as Python does: "True", "3", "2.5", "(1+2j)", "nan".
[[nodiscard]] std::string to_string(const Scalar& scalar);

/// Rounds to the nearest binary16, ties to even.
[[nodiscard]] Float16 to_float16(float value) noexcept;
/// Widens exactly.
[[nodiscard]] float to_float32(Float16 value) noexcept;

}  // namespace varve
