#include "kernels/window/float_rows.hpp"
#include "kernels/window/table.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// Sums stay in the first-level cache while the taps pass by.
constexpr std::int64_t kRow = 512;

template <class T>
VARVE_INLINE void add_tap(const T* x, double weight, std::int64_t n, double* sums) noexcept {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) sums[i] += static_cast<double>(x[i]) * weight;
}

template <class T>
VARVE_INLINE void add_pair(const T* x, const T* y, double weight, std::int64_t n, double* sums) noexcept {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i)
    sums[i] += (static_cast<double>(x[i]) + static_cast<double>(y[i])) * weight;
}

template <class T>
VARVE_INLINE void sum_row(const Taps& taps, const std::byte* source, std::int64_t n, T* out) noexcept {
  alignas(64) double sums[kRow];
  for (std::int64_t i = 0; i < n; ++i) sums[i] = 0;
  for (std::int64_t tap = 0; tap < taps.plain; ++tap) {
    add_tap(elements<T>(source + taps.offsets[tap]), taps.weights[tap], n, sums);
  }
  for (std::int64_t tap = taps.plain; tap < taps.count; ++tap) {
    add_pair(elements<T>(source + taps.offsets[tap]), elements<T>(source + taps.partners[tap - taps.plain]),
             taps.weights[tap], n, sums);
  }
  for (std::int64_t i = 0; i < n && taps.divisor != 1; ++i) sums[i] /= taps.divisor;
  narrow(sums, n, out);
}

template <class T>
void weighted_sum(const Taps& taps, const std::byte* source, std::int64_t n, std::byte* out) noexcept {
  T* results = reinterpret_cast<T*>(out);
  constexpr auto kElement = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t done = 0; done < n; done += kRow) {
    sum_row(taps, source + done * kElement, n - done < kRow ? n - done : kRow, results + done);
  }
}

template <class T>
void add(WindowTable& table, DType dtype) noexcept {
  table.weighted_sum[static_cast<int>(dtype)] = &weighted_sum<T>;
}

}  // namespace

void fill_weighted_sum(WindowTable& table) noexcept {
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
