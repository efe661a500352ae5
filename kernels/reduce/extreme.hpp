#pragma once

#include "kernels/reduce/fold.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

enum class Extreme { least, greatest };
enum class NanRule { propagate, skip };

/// Tells whether a comes strictly before b; elementwise for vectors.
template <Extreme kExtreme, class V>
[[nodiscard]] VARVE_INLINE auto beats(V a, V b) noexcept {
  if constexpr (kExtreme == Extreme::least) return a < b;
  if constexpr (kExtreme == Extreme::greatest) return a > b;
}

/// Returns the value that every other one beats or equals.
template <class T, Extreme kExtreme>
[[nodiscard]] constexpr T worst_value() noexcept {
  using Limits = std::numeric_limits<T>;
  if constexpr (Limits::has_infinity)
    return kExtreme == Extreme::least ? Limits::infinity() : -Limits::infinity();
  return kExtreme == Extreme::least ? Limits::max() : Limits::lowest();
}

/// Keeps the least or greatest element. NaN beats all, or loses against all: then an empty or all-NaN state
/// is NaN.
template <class T, Extreme kExtreme, NanRule kNans>
struct ExtremeValue {
  using Input = T;
  using State = T;
  static constexpr int kParts = 1;
  static constexpr State kIdentity =
      kNans == NanRule::skip ? std::numeric_limits<T>::quiet_NaN() : worst_value<T, kExtreme>();

  template <class V>
  static VARVE_INLINE V filter(V value) noexcept {
    return value;
  }
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept { return x[i]; }
  template <class V>
  static VARVE_INLINE V combine(V state, V value) noexcept {
    if constexpr (std::is_integral_v<T>) return beats<kExtreme>(value, state) ? value : state;
    if constexpr (kNans == NanRule::propagate) {
      return (beats<kExtreme>(value, state) | (value != value)) ? value : state;
    } else {
      return (beats<kExtreme>(value, state) | (state != state)) ? value : state;
    }
  }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    if constexpr (std::is_integral_v<T>) {
      fold_in_order<ExtremeValue>(x, n, parts);
    } else {
      fold_in_lanes<ExtremeValue>(x, n, parts);
    }
  }
};

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
