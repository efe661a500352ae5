#pragma once

#include "kernels/reduce/number.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
inline constexpr int kVectorBytes = 32;
#else
inline constexpr int kVectorBytes = 16;
#endif

/// The number of accumulators of a floating-point reduction along a segment; part of the contract on bits.
inline constexpr int kLanes = 16;

/// A set of accumulators: element i of a segment goes to lane i mod kCount. How many lanes share a
/// register depends on the instruction set; which lane an element goes to does not, so the bits are the same
/// everywhere.
template <class S, int kCount = kLanes>
struct Lanes {
  static constexpr int kWidth = kVectorBytes / static_cast<int>(sizeof(S)) < kCount
                                    ? kVectorBytes / static_cast<int>(sizeof(S))
                                    : kCount;
  static constexpr int kVectors = kCount / kWidth;
  typedef S Vector __attribute__((vector_size(kWidth * sizeof(S))));

  Vector vectors[kVectors];

  VARVE_INLINE explicit Lanes(S value) noexcept {
    for (int k = 0; k < kVectors; ++k) vectors[k] = Vector{} + value;
  }

  /// Loads kWidth elements and converts them.
  template <class T>
  [[nodiscard]] static VARVE_INLINE Vector load(const T* values) noexcept {
    typedef T Narrow __attribute__((vector_size(kWidth * sizeof(T))));
    Narrow narrow;
    __builtin_memcpy(&narrow, values, sizeof narrow);
    return __builtin_convertvector(narrow, Vector);
  }

  /// lane = step(lane, value) for each element of one full round.
  template <class T, class Step>
  VARVE_INLINE void round(const T* values, const Step& step) noexcept {
    for (int k = 0; k < kVectors; ++k) vectors[k] = step(vectors[k], load(values + k * kWidth));
  }

  /// Steps through n elements. The last round is filled up with `pad`, which must leave a lane as it is.
  template <class T, class Step>
  VARVE_INLINE void run(const T* values, std::int64_t n, T pad, const Step& step) noexcept {
    std::int64_t i = 0;
    for (; i + kCount <= n; i += kCount) round(values + i, step);
    if (i == n) return;
    T rest[kCount];
    for (int k = 0; k < kCount; ++k) rest[k] = i + k < n ? values[i + k] : pad;
    round(rest, step);
  }

  /// Folds the lanes in a fixed tree, halving their number until kParts are left.
  template <int kParts, class Combine>
  VARVE_INLINE void fold(S* parts, const Combine& combine) const noexcept {
    S lanes[kCount];
    __builtin_memcpy(lanes, vectors, sizeof lanes);
    for (int half = kCount / 2; half >= kParts; half /= 2) {
      for (int k = 0; k < half; ++k) lanes[k] = combine(lanes[k], lanes[k + half]);
    }
    for (int part = 0; part < kParts; ++part) parts[part] = lanes[part];
  }
};

/// Counts the positions below n that pass the test.
template <class Test>
[[nodiscard]] VARVE_INLINE std::int64_t count_where(std::int64_t n, const Test& test) noexcept {
  constexpr std::int64_t kBlock = 1 << 30;  // within a block 32 bits hold the count: fewer widenings
  std::int64_t count = 0;
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t end = first + kBlock < n ? first + kBlock : n;
    std::int32_t partial = 0;
    for (std::int64_t i = first; i < end; ++i) partial += test(i);
    count += partial;
  }
  return count;
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
