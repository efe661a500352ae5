#include "kernels/window/table.hpp"
#include "kernels/window/vectors.hpp"
#include "kernels/window/wide_average.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T, int lanes = kLanes>
using VectorOf [[gnu::vector_size(lanes * sizeof(T))]] = T;
using Ints = VectorOf<std::int32_t>;
using WideInts = VectorOf<std::int32_t, 2 * kLanes>;

// Sums of two fit into 32 bits with a sign.
template <class T>
inline constexpr bool kPairFitsInt = kFitsInt<T> && sizeof(T) < 4;

template <class T, int lanes = kLanes>
VARVE_INLINE VectorOf<T, lanes> load(const std::byte* from) noexcept {
  VectorOf<T, lanes> elements;
  __builtin_memcpy(&elements, from, sizeof elements);
  return elements;
}

template <class T>
VARVE_INLINE WideInts load_ints(const std::byte* from) noexcept {
  if constexpr (sizeof(T) == 1) {
    // GCC widens bytes by several instructions only step by step.
    using Shorts = VectorOf<std::int16_t, 2 * kLanes>;
    return __builtin_convertvector(__builtin_convertvector(load<T, 2 * kLanes>(from), Shorts), WideInts);
  } else {
    return __builtin_convertvector(load<T, 2 * kLanes>(from), WideInts);
  }
}

// Adds weighted integers to two vectors of sums.
VARVE_INLINE void add_ints(WideInts values, double weight, Doubles* sums) noexcept {
  Ints halves[2];
  __builtin_memcpy(halves, &values, sizeof values);
  sums[0] += __builtin_convertvector(halves[0], Doubles) * weight;
  sums[1] += __builtin_convertvector(halves[1], Doubles) * weight;
}

template <class T>
VARVE_INLINE Doubles load_doubles(const std::byte* from) noexcept {
  return __builtin_convertvector(load<T>(from), Doubles);
}

// As Cast<T> does, several at once.
template <class T>
VARVE_INLINE void store(Doubles values, T* out) noexcept {
  if constexpr (kFitsInt<T>) {
    const Doubles low = Doubles{} + static_cast<double>(std::numeric_limits<T>::min());
    const Doubles high = Doubles{} + static_cast<double>(std::numeric_limits<T>::max());
    values = values == values ? values : Doubles{};
    values = values > low ? values : low;
    values = values < high ? values : high;
    const auto elements = __builtin_convertvector(__builtin_convertvector(values, Ints), VectorOf<T>);
    __builtin_memcpy(out, &elements, sizeof elements);
  } else if constexpr (std::is_floating_point_v<T>) {
    const auto elements = __builtin_convertvector(values, VectorOf<T>);
    __builtin_memcpy(out, &elements, sizeof elements);
  } else {
    for (int lane = 0; lane < kLanes; ++lane) out[lane] = Cast<T>::eval(values[lane]);
  }
}

template <class T>
VARVE_INLINE double load_one(const std::byte* from) noexcept {
  T element;
  __builtin_memcpy(&element, from, sizeof element);
  return static_cast<double>(element);
}

// Adds one tap, or a pair of them, to all sums of a block.
template <class T>
VARVE_INLINE void add_tap(const std::byte* x, double weight, Doubles* sums) noexcept {
  constexpr auto kStep = static_cast<std::int64_t>(kLanes * sizeof(T));
  for (int i = 0; i < kVectors; i += 2) {
    if constexpr (kFitsInt<T>) {
      add_ints(load_ints<T>(x + i * kStep), weight, sums + i);
    } else {
      sums[i] += load_doubles<T>(x + i * kStep) * weight;
      sums[i + 1] += load_doubles<T>(x + (i + 1) * kStep) * weight;
    }
  }
}

template <class T>
VARVE_INLINE void add_pair(const std::byte* x, const std::byte* y, double weight, Doubles* sums) noexcept {
  constexpr auto kStep = static_cast<std::int64_t>(kLanes * sizeof(T));
  for (int i = 0; i < kVectors; i += 2) {
    if constexpr (kPairFitsInt<T>) {
      add_ints(load_ints<T>(x + i * kStep) + load_ints<T>(y + i * kStep), weight, sums + i);
    } else {
      for (int j = i; j < i + 2; ++j)
        sums[j] += (load_doubles<T>(x + j * kStep) + load_doubles<T>(y + j * kStep)) * weight;
    }
  }
}

template <class T>
VARVE_INLINE void sum_block(const Taps& taps, const std::byte* source, T* out) noexcept {
  Doubles sums[kVectors] = {};
  for (std::int64_t tap = 0; tap < taps.plain; ++tap) {
    add_tap<T>(source + taps.offsets[tap], taps.weights[tap], sums);
  }
  for (std::int64_t tap = taps.plain; tap < taps.count; ++tap) {
    add_pair<T>(source + taps.offsets[tap], source + taps.partners[tap - taps.plain], taps.weights[tap],
                sums);
  }
  for (int i = 0; i < kVectors && taps.divisor != 1; ++i) sums[i] /= taps.divisor;
  for (int i = 0; i < kVectors && std::is_integral_v<T>; ++i) sums[i] *= taps.lift;
  for (int i = 0; i < kVectors; ++i) store(sums[i], out + i * kLanes);
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
  return Cast<T>::eval(sum / taps.divisor * (std::is_integral_v<T> ? taps.lift : 1));
}

template <class T>
void weighted_sum(const Taps& taps, const std::byte* source, std::int64_t n, std::byte* out) noexcept {
  T* results = reinterpret_cast<T*>(out);
  constexpr auto kElement = static_cast<std::int64_t>(sizeof(T));
  std::int64_t done = 0;
  for (; done + kBlock <= n; done += kBlock) sum_block<T>(taps, source + done * kElement, results + done);
  for (; done < n; ++done) results[done] = sum_one<T>(taps, source + done * kElement);
  if constexpr (kIsWide<T>) {
    for (std::int64_t i = 0; i < n && taps.averages; ++i)
      results[i] = average_wide(taps, source + i * kElement, results[i]);
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
