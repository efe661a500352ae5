#include "kernels/window/short_sums.hpp"
#include "kernels/window/table.hpp"
#include "kernels/window/vectors.hpp"
#include "kernels/window/wide_average.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// Elements are converted to float64 once and then read from the first-level cache by all results of a piece:
// of columns, a cache line of short integers wide, and of lines, many more than most windows are long.
constexpr std::int64_t kColumns = 32;
constexpr std::int64_t kLines = 64;
constexpr std::int64_t kRow = 512;
constexpr std::int64_t kMaxParts = 2;
static_assert(kColumns % kBlock == 0 && kRow % kBlock == 0);

template <class T>
VARVE_INLINE const T* elements(const std::byte* bytes) noexcept {
  return reinterpret_cast<const T*>(bytes);
}

// A plain loop: GCC converts whole vectors there, where it takes vector types apart.
template <class T>
VARVE_INLINE void widen(const T* from, std::int64_t n, double* to) noexcept {
  VARVE_VECTOR_LOOP
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<double>(from[i]);
}

// As Cast<T> does for what fits: averages of integers that convert through 32 bits do.
template <class T>
VARVE_INLINE void narrow(const double* from, std::int64_t n, T* to) noexcept {
  VARVE_VECTOR_LOOP
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (kFitsInt<T>) {
      to[i] = static_cast<T>(static_cast<std::int32_t>(from[i]));
    } else {
      to[i] = Cast<T>::eval(from[i]);
    }
  }
}

VARVE_INLINE Doubles at(const double* from, int vector) noexcept {
  Doubles values;
  __builtin_memcpy(&values, from + vector * kLanes, sizeof values);
  return values;
}

// Adds up the windows of a block of results; the elements of a window lie `step` apart.
VARVE_INLINE void sum_block(const LineWindow& window, const double* x, std::int64_t step, double lift,
                            double* out) noexcept {
  Doubles sums[kVectors] = {};
  const std::int64_t half = window.count / 2;
  const std::int64_t plain = window.symmetric ? 1 : window.count;
  const double* single = window.symmetric ? x + half * step : x;
  const double* weights = window.symmetric ? window.weights + half : window.weights;
  for (std::int64_t tap = 0; tap < plain; ++tap, single += step) {
    for (int i = 0; i < kVectors; ++i) sums[i] += at(single, i) * weights[tap];
  }
  if (window.symmetric) {
    const double* first = x;
    const double* last = x + (window.count - 1) * step;
    for (std::int64_t tap = 0; tap < half; ++tap, first += step, last -= step) {
      for (int i = 0; i < kVectors; ++i) sums[i] += (at(first, i) + at(last, i)) * window.weights[tap];
    }
  }
  for (int i = 0; i < kVectors && window.divisor != 1; ++i) sums[i] /= window.divisor;
  for (int i = 0; i < kVectors && lift != 1; ++i) sums[i] *= lift;
  __builtin_memcpy(out, sums, sizeof sums);
}

// Computes n results, up to kMost, by whole blocks: the elements of the last one must exist, whatever they
// are.
template <std::int64_t kMost, class T>
VARVE_INLINE void sum_row(const LineWindow& window, const double* x, std::int64_t step, std::int64_t n,
                          T* out) noexcept {
  alignas(64) double sums[kMost];
  const double lift = std::is_integral_v<T> ? window.lift : 1;
  for (std::int64_t done = 0; done < n; done += kBlock) sum_block(window, x + done, step, lift, sums + done);
  if (n == kMost) {
    narrow(sums, kMost, out);
  } else {
    narrow(sums, n, out);
  }
}

// Lines lie too far apart for the processor to foresee the next columns.
VARVE_INLINE void prefetch(const std::byte* from, std::int64_t bytes) noexcept {
  for (std::int64_t ahead = 0; ahead < bytes; ahead += 64) __builtin_prefetch(from + ahead);
}

// Converts lines, kColumns apart, of which `width` elements exist.
template <class T>
VARVE_INLINE void widen_lines(const std::byte* from, std::int64_t step, std::int64_t lines,
                              std::int64_t width, double* rows) noexcept {
  constexpr auto kBytes = kColumns * static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t line = 0; line < lines; ++line, from += step, rows += kColumns) {
    if (width == kColumns) {
      prefetch(from + kBytes, kBytes);
      widen(elements<T>(from), kColumns, rows);
    } else {
      for (std::int64_t i = width; i < kColumns; ++i) rows[i] = 0;
      widen(elements<T>(from), width, rows);
    }
  }
}

#if defined(__AVX2__)

template <class T>
inline constexpr bool kIsShort = std::is_integral_v<T> && sizeof(T) == 2;

// Tries fixed point on a piece of kColumns columns: false if it does not pay there.
template <class T>
VARVE_INLINE bool average_lines(const LineWindow& window, const std::byte* from, std::int64_t from_step,
                                std::int64_t lines, std::byte* to, std::int64_t to_step) noexcept {
  if constexpr (kIsShort<T>) {
    if (window.shorts == nullptr) return false;
    alignas(64) T rows[(kLines + kLongestLineWindow - 1) * kColumns];
    ShortRange<T> range;
    for (std::int64_t line = 0; line < lines + window.count - 1; ++line, from += from_step) {
      prefetch(from + kColumns * 2, kColumns * 2);
      for (std::int64_t i = 0; i < kColumns; i += kShorts) {
        const __m256i x = load_shorts(from + i * 2);
        range.add(x);
        _mm256_store_si256(reinterpret_cast<__m256i*>(rows + line * kColumns + i), x);
      }
    }
    std::int32_t low = 0;
    std::int32_t high = 0;
    range.bounds(low, high);
    if (low == high) {
      const T same = exact_average(window, rows, kColumns);
      for (std::int64_t line = 0; line < lines; ++line, to += to_step)
        fill(same, kColumns, reinterpret_cast<T*>(to));
      return true;
    }
    if (!ShortAverages<T>::suits(low, high)) return false;
    ShortAverages<T> averages(window, kColumns, low, high);
    for (std::int64_t line = 0; line < lines; ++line, to += to_step) {
      if (!averages.row(rows + line * kColumns, kColumns, reinterpret_cast<T*>(to))) return false;
    }
    return true;
  }
  return false;
}

// The same for a row of which n results are wanted.
template <class T>
VARVE_INLINE bool average_row(const LineWindow& window, const std::byte* from, std::int64_t parts,
                              std::int64_t n, std::byte* to) noexcept {
  if constexpr (kIsShort<T>) {
    if (window.shorts == nullptr || n < kShorts) return false;
    ShortRange<T> range;
    const std::int64_t length = n + (window.count - 1) * parts;
    for (std::int64_t i = 0; i < length; i += kShorts) {
      range.add(load_shorts(from + (i + kShorts <= length ? i : length - kShorts) * 2));
    }
    std::int32_t low = 0;
    std::int32_t high = 0;
    range.bounds(low, high);
    if (low == high) {
      fill(exact_average(window, elements<T>(from), parts), n, reinterpret_cast<T*>(to));
      return true;
    }
    if (!ShortAverages<T>::suits(low, high)) return false;
    ShortAverages<T> averages(window, parts, low, high);
    return averages.row(elements<T>(from), n, reinterpret_cast<T*>(to));
  }
  return false;
}

#else

template <class T>
VARVE_INLINE bool average_lines(const LineWindow&, const std::byte*, std::int64_t, std::int64_t, std::byte*,
                                std::int64_t) noexcept {
  return false;
}

template <class T>
VARVE_INLINE bool average_row(const LineWindow&, const std::byte*, std::int64_t, std::int64_t,
                              std::byte*) noexcept {
  return false;
}

#endif

template <class T>
VARVE_INLINE void sum_lines(const LineWindow& window, const std::byte* from, std::int64_t from_step,
                            std::int64_t lines, std::int64_t width, std::byte* to,
                            std::int64_t to_step) noexcept {
  [[maybe_unused]] constexpr auto kElement = static_cast<std::int64_t>(sizeof(T));
  alignas(64) double rows[(kLines + kLongestLineWindow - 1) * kColumns];
  widen_lines<T>(from, from_step, lines + window.count - 1, width, rows);
  for (std::int64_t line = 0; line < lines; ++line, to += to_step) {
    sum_row<kColumns>(window, rows + line * kColumns, kColumns, width, reinterpret_cast<T*>(to));
    if constexpr (kIsWide<T>)
      average_wide(window, elements<T>(from + line * from_step), from_step / kElement, width,
                   reinterpret_cast<T*>(to));
  }
}

template <class T>
void filter_across(const LineWindow& window, const std::byte* source, std::int64_t source_step,
                   std::int64_t lines, std::int64_t n, std::byte* out, std::int64_t out_step) noexcept {
  constexpr auto kElement = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t done = 0; done < n; done += kColumns) {
    const std::int64_t width = n < kColumns ? n : kColumns;
    const std::int64_t column =
        done + width <= n ? done : n - width;  // the last piece overlaps the one before
    for (std::int64_t line = 0; line < lines; line += kLines) {
      const std::int64_t count = lines - line < kLines ? lines - line : kLines;
      const std::byte* from = source + line * source_step + column * kElement;
      std::byte* to = out + line * out_step + column * kElement;
      if (width == kColumns && average_lines<T>(window, from, source_step, count, to, out_step)) continue;
      sum_lines<T>(window, from, source_step, count, width, to, out_step);
    }
  }
}

template <class T>
void filter_along(const LineWindow& window, const std::byte* source, std::int64_t parts, std::int64_t n,
                  std::byte* out) noexcept {
  alignas(64) double row[kRow + (kLongestLineWindow - 1) * kMaxParts + kBlock];
  constexpr auto kElement = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t done = 0; done < n; done += kRow) {
    const std::int64_t count = n - done < kRow ? n - done : kRow;
    const std::byte* from = source + done * kElement;
    std::byte* to = out + done * kElement;
    if (average_row<T>(window, from, parts, count, to)) continue;
    const std::int64_t length = count + (window.count - 1) * parts;
    widen(elements<T>(from), length, row);
    for (std::int64_t i = length; i < length + kBlock; ++i) row[i] = 0;
    sum_row<kRow>(window, row, parts, count, reinterpret_cast<T*>(to));
    if constexpr (kIsWide<T>) average_wide(window, elements<T>(from), parts, count, reinterpret_cast<T*>(to));
  }
}

template <class T>
void add(WindowTable& table, DType dtype) noexcept {
  table.filter_across[static_cast<int>(dtype)] = &filter_across<T>;
  table.filter_along[static_cast<int>(dtype)] = &filter_along<T>;
}

}  // namespace

void fill_filter_lines(WindowTable& table) noexcept {
  add<std::int8_t>(table, DType::int8);
  add<std::int16_t>(table, DType::int16);
  add<std::int32_t>(table, DType::int32);
  add<std::int64_t>(table, DType::int64);
  add<std::uint8_t>(table, DType::uint8);
  add<std::uint16_t>(table, DType::uint16);
  add<std::uint32_t>(table, DType::uint32);
  add<std::uint64_t>(table, DType::uint64);
  add<float>(table, DType::float32);
  add<double>(table, DType::float64);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
