#pragma once

#include "kernels/window.hpp"
#include "kernels/window/vectors.hpp"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

/// Averages of 16-bit integers in fixed point, 16 at a time: the same results as in float64 at a third of the
/// work. Only *.isa.cpp include this file.
///
/// Elements are taken relative to a base in the middle of those at hand, so that sums of two fit into 16
/// bits, and are multiplied by weights of 15 bits, and by what these leave over, in 32 bits. What is cut off
/// is less than `doubt`. Where that could change the integer that a sum truncates to, because it lies too
/// close to one, the sum is done in float64.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

#if defined(__AVX2__)

constexpr std::int64_t kShorts = 16;
// More doubtful sums than this in a piece, and all of it is better done in float64.
constexpr std::int64_t kMaxDoubtful = 24;

VARVE_INLINE __m256i load_shorts(const void* from) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// The range of the elements of a piece.
template <class T>
struct ShortRange {
  __m256i least = _mm256_set1_epi16(static_cast<short>(std::numeric_limits<T>::max()));
  __m256i most = _mm256_set1_epi16(static_cast<short>(std::numeric_limits<T>::min()));

  VARVE_INLINE void add(__m256i x) noexcept {
    if constexpr (std::numeric_limits<T>::is_signed) {
      least = _mm256_min_epi16(least, x);
      most = _mm256_max_epi16(most, x);
    } else {
      least = _mm256_min_epu16(least, x);
      most = _mm256_max_epu16(most, x);
    }
  }
  /// Folds the lanes.
  VARVE_INLINE void bounds(std::int32_t& low, std::int32_t& high) const noexcept {
    T lows[kShorts];
    T highs[kShorts];
    __builtin_memcpy(lows, &least, sizeof lows);
    __builtin_memcpy(highs, &most, sizeof highs);
    low = lows[0];
    high = highs[0];
    for (int i = 1; i < kShorts; ++i) {
      low = lows[i] < low ? lows[i] : low;
      high = highs[i] > high ? highs[i] : high;
    }
  }
};

// The sum that fixed point stands for.
template <class T>
VARVE_INLINE T exact_average(const LineWindow& window, const T* x, std::int64_t step) noexcept {
  const auto at = [=](std::int64_t tap) { return static_cast<double>(x[tap * step]); };
  const std::int64_t half = window.count / 2;
  double sum = 0;
  sum += at(half) * window.weights[half];
  for (std::int64_t tap = 0; tap < half; ++tap)
    sum += (at(tap) + at(window.count - 1 - tap)) * window.weights[tap];
  return static_cast<T>(static_cast<std::int32_t>(sum * window.lift));
}

template <class T>
VARVE_INLINE void fill(T value, std::int64_t n, T* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = value;
}

/// Averages windows whose elements lie `step` apart in one piece.
template <class T>
class ShortAverages {
 public:
  VARVE_INLINE ShortAverages(const LineWindow& window, std::int64_t step, std::int32_t low,
                             std::int32_t high) noexcept
      : window_(window),
        step_(step),
        base_(_mm256_set1_epi16(static_cast<short>(low + (high - low + 1) / 2))) {}

  static VARVE_INLINE bool suits(std::int32_t low, std::int32_t high) noexcept { return high - low <= 32766; }

  /// Computes n results, at least kShorts; false once too many were doubtful.
  VARVE_INLINE bool row(const T* x, std::int64_t n, T* out) noexcept {
    for (std::int64_t done = 0; done < n; done += kShorts) {
      const std::int64_t first = done + kShorts <= n ? done : n - kShorts;
      block(x + first, out + first);
    }
    return doubtful_ <= kMaxDoubtful;
  }

 private:
  // Two elements of a window that have one weight.
  [[nodiscard]] VARVE_INLINE __m256i pair(const T* x, std::int64_t tap, __m256i twice_base) const noexcept {
    const __m256i sum =
        _mm256_add_epi16(load_shorts(x + tap * step_), load_shorts(x + (window_.count - 1 - tap) * step_));
    return _mm256_sub_epi16(sum, twice_base);
  }

  VARVE_INLINE void block(const T* x, T* out) noexcept {
    const ShortWindow& shorts = *window_.shorts;
    const std::int64_t half = window_.count / 2;
    const __m256i twice_base = _mm256_add_epi16(base_, base_);
    const __m256i centre = _mm256_sub_epi16(load_shorts(x + half * step_), base_);
    __m256i high[2] = {};
    __m256i low[2] = {};
    const auto add = [&](__m256i a, __m256i b, std::int64_t couple) {
      const __m256i weights = _mm256_set1_epi32(shorts.high[couple]);
      const __m256i rests = _mm256_set1_epi32(shorts.low[couple]);
      const __m256i halves[2] = {_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)};
      for (int i = 0; i < 2; ++i) {
        high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(halves[i], weights));
        low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(halves[i], rests));
      }
    };
    std::int64_t couple = 0;
    for (; couple < half / 2; ++couple) {
      add(pair(x, 2 * couple, twice_base), pair(x, 2 * couple + 1, twice_base), couple);
    }
    if (half % 2 == 1) {
      add(pair(x, half - 1, twice_base), centre, couple);
    } else {
      add(centre, _mm256_setzero_si256(), couple);
    }
    finish(x, high, low, out);
  }

  VARVE_INLINE void finish(const T* x, const __m256i* high, const __m256i* low, T* out) noexcept {
    const ShortWindow& shorts = *window_.shorts;
    const __m256i fraction = _mm256_set1_epi32((1 << ShortWindow::kBits) - 1);
    const __m256i doubt = _mm256_set1_epi32(shorts.doubt);
    const __m256i twice_doubt = _mm256_add_epi32(doubt, doubt);
    __m256i wholes[2];
    __m256i doubts[2];
    for (int i = 0; i < 2; ++i) {
      const __m256i sum =
          _mm256_add_epi32(high[i], _mm256_sra_epi32(low[i], _mm_cvtsi32_si128(shorts.rest_bits)));
      wholes[i] = _mm256_srai_epi32(sum, ShortWindow::kBits);
      doubts[i] = _mm256_cmpgt_epi32(twice_doubt, _mm256_and_si256(_mm256_add_epi32(sum, doubt), fraction));
    }
    __m256i results = _mm256_add_epi16(_mm256_packs_epi32(wholes[0], wholes[1]), base_);
    // Truncated, not rounded down.
    if constexpr (std::numeric_limits<T>::is_signed)
      results = _mm256_sub_epi16(results, _mm256_srai_epi16(results, 15));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), results);
    // Two bits per result.
    auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_packs_epi32(doubts[0], doubts[1])));
    while (mask != 0) {
      const int lane = __builtin_ctz(mask) / 2;
      out[lane] = exact_average(window_, x + lane, step_);
      mask &= ~(std::uint32_t{3} << (2 * lane));
      ++doubtful_;
    }
  }

  const LineWindow& window_;
  std::int64_t step_;
  __m256i base_;
  std::int64_t doubtful_ = 0;
};

#endif

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
