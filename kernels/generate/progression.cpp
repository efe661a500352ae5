#include <bit>
#include <cmath>
#include <complex>
#include <cstring>

#include "kernels/generate.hpp"
#include "varve/core/scalar.hpp"

namespace varve::kernels {
namespace {

/// Rounds to binary16 once. Rounding to float32 on the way would round twice; rounding that step to odd keeps
/// the information that the second one needs.
Float16 round_to_float16(double value) noexcept {
  const auto nearest = static_cast<float>(value);
  if (static_cast<double>(nearest) == value || !std::isfinite(value)) return to_float16(nearest);
  auto bits = std::bit_cast<std::uint32_t>(nearest);
  if (std::fabs(static_cast<double>(nearest)) > std::fabs(value)) --bits;
  return to_float16(std::bit_cast<float>(bits | 1u));
}

double value_at(const Progression& progression, std::int64_t position) noexcept {
  return progression.start + progression.step * static_cast<double>(position);
}

template <class T, class Value>
void fill_values(const Progression& progression, std::int64_t first, const StridedView& target,
                 const Value& value) noexcept {
  std::byte* out = target.data;
  for (std::int64_t i = 0; i < target.shape[0]; ++i) {
    const T element = value(value_at(progression, first + i));
    std::memcpy(out, &element, sizeof element);
    out += target.byte_strides[0];
  }
}

template <class T>
void fill_floating(const Progression& progression, std::int64_t first, const StridedView& target) noexcept {
  fill_values<T>(progression, first, target, [](double value) { return T(value); });
}

/// Unsigned arithmetic wraps as both int64 and uint64 do; narrower types take the low bits.
template <class T>
void fill_integers(const Progression& progression, std::int64_t first, const StridedView& target) noexcept {
  const auto step = static_cast<std::uint64_t>(progression.integer_step);
  std::uint64_t value =
      static_cast<std::uint64_t>(progression.integer_start) + step * static_cast<std::uint64_t>(first);
  std::byte* out = target.data;
  for (std::int64_t i = 0; i < target.shape[0]; ++i) {
    const auto element = static_cast<T>(value);
    std::memcpy(out, &element, sizeof element);
    out += target.byte_strides[0];
    value += step;
  }
}

}  // namespace

void fill_progression(const Progression& progression, std::int64_t first,
                      const StridedView& target) noexcept {
  switch (target.dtype) {
    case DType::boolean:
      return fill_integers<bool>(progression, first, target);
    case DType::int8:
    case DType::uint8:
      return fill_integers<std::uint8_t>(progression, first, target);
    case DType::int16:
    case DType::uint16:
      return fill_integers<std::uint16_t>(progression, first, target);
    case DType::int32:
    case DType::uint32:
      return fill_integers<std::uint32_t>(progression, first, target);
    case DType::int64:
    case DType::uint64:
      return fill_integers<std::uint64_t>(progression, first, target);
    case DType::float16:
      return fill_values<Float16>(progression, first, target, round_to_float16);
    case DType::float32:
      return fill_floating<float>(progression, first, target);
    case DType::float64:
      return fill_floating<double>(progression, first, target);
    case DType::complex64:
      return fill_values<std::complex<float>>(progression, first, target, [](double value) {
        return std::complex<float>(static_cast<float>(value));
      });
    case DType::complex128:
      return fill_floating<std::complex<double>>(progression, first, target);
  }
}

}  // namespace varve::kernels
