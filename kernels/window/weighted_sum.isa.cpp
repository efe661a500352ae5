#include "kernels/cast/convert.hpp"
#include "kernels/window/table.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 8;
#elif defined(__AVX__)
constexpr int kLanes = 4;
#else
constexpr int kLanes = 2;
#endif
// Vectors of sums that stay in registers while the taps pass by: enough to hide the latency of additions.
constexpr int kVectors = 4;
constexpr std::int64_t kBlock = kVectors * kLanes;

// Written with vector types: GCC keeps an array of sums in registers only one by one.
typedef double Doubles __attribute__((vector_size(kLanes * sizeof(double))));

template <class T>
VARVE_INLINE Doubles load(const std::byte* from) noexcept {
  typedef T Elements __attribute__((vector_size(kLanes * sizeof(T))));
  Elements elements;
  __builtin_memcpy(&elements, from, sizeof elements);
  return __builtin_convertvector(elements, Doubles);
}

template <class T>
VARVE_INLINE double load_one(const std::byte* from) noexcept {
  T element;
  __builtin_memcpy(&element, from, sizeof element);
  return static_cast<double>(element);
}

template <class T>
VARVE_INLINE void sum_block(const Taps& taps, const std::byte* source, T* out) noexcept {
  constexpr auto kStep = static_cast<std::int64_t>(kLanes * sizeof(T));
  Doubles sums[kVectors] = {};
  for (std::int64_t tap = 0; tap < taps.plain; ++tap) {
    const std::byte* x = source + taps.offsets[tap];
    const double weight = taps.weights[tap];
    for (int i = 0; i < kVectors; ++i) sums[i] += load<T>(x + i * kStep) * weight;
  }
  for (std::int64_t tap = taps.plain; tap < taps.count; ++tap) {
    const std::byte* x = source + taps.offsets[tap];
    const std::byte* y = source + taps.partners[tap - taps.plain];
    const double weight = taps.weights[tap];
    for (int i = 0; i < kVectors; ++i) sums[i] += (load<T>(x + i * kStep) + load<T>(y + i * kStep)) * weight;
  }
  for (int i = 0; i < kVectors; ++i) {
    for (int lane = 0; lane < kLanes; ++lane)
      out[i * kLanes + lane] = Cast<T>::eval(sums[i][lane] / taps.divisor);
  }
}

template <class T>
VARVE_INLINE T sum_one(const Taps& taps, const std::byte* source) noexcept {
  double sum = 0;
  for (std::int64_t tap = 0; tap < taps.plain; ++tap) {
    sum += load_one<T>(source + taps.offsets[tap]) * taps.weights[tap];
  }
  for (std::int64_t tap = taps.plain; tap < taps.count; ++tap) {
    const double x = load_one<T>(source + taps.offsets[tap]);
    const double y = load_one<T>(source + taps.partners[tap - taps.plain]);
    sum += (x + y) * taps.weights[tap];
  }
  return Cast<T>::eval(sum / taps.divisor);
}

template <class T>
void weighted_sum(const Taps& taps, const std::byte* source, std::int64_t n, std::byte* out) noexcept {
  T* results = reinterpret_cast<T*>(out);
  constexpr auto kElement = static_cast<std::int64_t>(sizeof(T));
  std::int64_t done = 0;
  for (; done + kBlock <= n; done += kBlock) sum_block<T>(taps, source + done * kElement, results + done);
  for (; done < n; ++done) results[done] = sum_one<T>(taps, source + done * kElement);
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
