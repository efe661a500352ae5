#include "kernels/reduce/fold.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

/// Adds the elements that are not NaN.
template <class T>
struct RealNanSum {
  using Input = T;
  using State = double;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 0;
  template <class V>
  static VARVE_INLINE V filter(V value) noexcept {
    return value == value ? value : V{};
  }
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept {
    return filter(static_cast<State>(x[i]));
  }
  template <class V>
  static VARVE_INLINE V combine(V a, V b) noexcept {
    return a + b;
  }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    fold_in_lanes<RealNanSum>(x, n, parts);
  }
  static VARVE_INLINE double is_number(const T* x, std::int64_t i) noexcept { return x[i] == x[i] ? 1 : 0; }
};

/// A complex number with one NaN part is NaN as a whole.
template <class T>
struct ComplexNanSum {
  using Input = T;
  using State = Complex;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = {0, 0};
  static VARVE_INLINE double is_number(const T* x, std::int64_t i) noexcept {
    return (x[2 * i] == x[2 * i]) & (x[2 * i + 1] == x[2 * i + 1]) ? 1 : 0;
  }
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept {
    const bool number = is_number(x, i) != 0;
    return {number ? static_cast<double>(x[2 * i]) : 0, number ? static_cast<double>(x[2 * i + 1]) : 0};
  }
  static VARVE_INLINE State combine(State a, State b) noexcept { return {a.re + b.re, a.im + b.im}; }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    fold_in_scalar_lanes<ComplexNanSum>(x, n, parts);
  }
};

/// A sum with a second plane: the number of elements added, exact as float64 up to 2^53, which spares
/// conversions.
template <class Sum>
struct NanMean {
  using Input = typename Sum::Input;
  using State = typename Sum::State;

  static void init(void* const* planes, std::int64_t n) noexcept {
    Fold<Sum>::init(planes, n);
    auto* counts = static_cast<double*>(planes[1]);
    for (std::int64_t i = 0; i < n; ++i) counts[i] = 0;
  }

  static void accumulate_across(void* const* planes, const void* values, std::int64_t n,
                                std::int64_t count_before, std::int64_t index) noexcept {
    Fold<Sum>::accumulate_across(planes, values, n, count_before, index);
    auto* __restrict counts = static_cast<double*>(planes[1]);
    const auto* __restrict x = static_cast<const Input*>(values);
    for (std::int64_t i = 0; i < n; ++i) counts[i] += Sum::is_number(x, i);
  }

  static void accumulate_along(void* const* planes, const void* values, std::int64_t length,
                               std::int64_t count_before, std::int64_t index) noexcept {
    Fold<Sum>::accumulate_along(planes, values, length, count_before, index);
    const auto* x = static_cast<const Input*>(values);
    const std::int64_t count =
        count_where(length, [x](std::int64_t i) VARVE_LAMBDA { return Sum::is_number(x, i) != 0; });
    *static_cast<double*>(planes[1]) += static_cast<double>(count);
  }

  static void merge(void* const* left, const void* const* right, std::int64_t n, std::int64_t left_count,
                    std::int64_t right_count) noexcept {
    Fold<Sum>::merge(left, right, n, left_count, right_count);
    auto* __restrict counts = static_cast<double*>(left[1]);
    const auto* __restrict later = static_cast<const double*>(right[1]);
    for (std::int64_t i = 0; i < n; ++i) counts[i] += later[i];
  }

  template <class Output, int kParts>
  static void finish(void* const* planes, void* output, std::int64_t n, std::int64_t, double) noexcept {
    const auto* __restrict sums = static_cast<const double*>(planes[0]);
    const auto* __restrict counts = static_cast<const double*>(planes[1]);
    auto* __restrict out = static_cast<Output*>(output);
    for (std::int64_t i = 0; i < n; ++i) {
      for (int part = 0; part < kParts; ++part) {
        out[i * kParts + part] = static_cast<Output>(sums[i * kParts + part] / counts[i]);
      }
    }
  }

  template <class Output, int kParts>
  [[nodiscard]] static ReduceKernel kernel(DType output_dtype) noexcept {
    return {2,     {sizeof(State), sizeof(double)}, output_dtype, init, accumulate_across, accumulate_along,
            merge, finish<Output, kParts>};
  }
};

}  // namespace

void fill_nan_sum(ReduceTable& table) noexcept {
  for_each_floating([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::nansum, dtype) = Fold<RealNanSum<T>>::kernel(dtype, finish_value<double, T>);
    table.at(ReduceOp::nanmean, dtype) = NanMean<RealNanSum<T>>::template kernel<T, 1>(dtype);
  });
  for_each_complex([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::nansum, dtype) = Fold<ComplexNanSum<T>>::kernel(dtype, finish_value<double, T, 2>);
    table.at(ReduceOp::nanmean, dtype) = NanMean<ComplexNanSum<T>>::template kernel<T, 2>(dtype);
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
