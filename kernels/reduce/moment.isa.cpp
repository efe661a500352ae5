#include "kernels/reduce/moment.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

/// Reduces to two planes: the mean and the sum of squared deviations from it, in float64. `kParts` is 2 for
/// complex numbers: a mean of two parts, and one sum over both.
template <class T, int kParts>
struct Moments {
  static void init(void* const* planes, std::int64_t n) noexcept {
    auto* means = static_cast<double*>(planes[0]);
    auto* squares = static_cast<double*>(planes[1]);
    for (std::int64_t i = 0; i < n * kParts; ++i) means[i] = 0;
    for (std::int64_t i = 0; i < n; ++i) squares[i] = 0;
  }

  /// Welford's update; the division is the same for all states.
  static void accumulate_across(void* const* planes, const void* values, std::int64_t n,
                                std::int64_t count_before, std::int64_t) noexcept {
    auto* __restrict means = static_cast<double*>(planes[0]);
    auto* __restrict squares = static_cast<double*>(planes[1]);
    const auto* __restrict x = static_cast<const T*>(values);
    const double weight = 1 / static_cast<double>(count_before + 1);
    for (std::int64_t i = 0; i < n; ++i) {
      double added = 0;
      for (int part = 0; part < kParts; ++part) {
        const auto value = static_cast<double>(x[i * kParts + part]);
        const double mean = means[i * kParts + part];
        const double moved = mean + (value - mean) * weight;
        means[i * kParts + part] = moved;
        added += (value - mean) * (value - moved);
      }
      squares[i] += added;
    }
  }

  /// Takes two passes over the segment: its mean, then the deviations from it; then joins them to the state.
  static void accumulate_along(void* const* planes, const void* values, std::int64_t length,
                               std::int64_t count_before, std::int64_t) noexcept {
    if (length == 0) return;
    const auto* x = static_cast<const T*>(values);
    double means[kParts];
    sum_as_float64<kParts>(x, length, means);
    for (double& mean : means) mean /= static_cast<double>(length);
    const double squares = sum_squares(x, length, means);
    const void* const segment[] = {means, &squares};
    merge(planes, segment, 1, count_before, length);
  }

  static void merge(void* const* left, const void* const* right, std::int64_t n, std::int64_t left_count,
                    std::int64_t right_count) noexcept {
    if (right_count == 0) return;
    auto* __restrict means = static_cast<double*>(left[0]);
    auto* __restrict squares = static_cast<double*>(left[1]);
    const auto* __restrict later_means = static_cast<const double*>(right[0]);
    const auto* __restrict later_squares = static_cast<const double*>(right[1]);
    if (left_count == 0) {
      __builtin_memcpy(means, later_means, static_cast<std::size_t>(n) * kParts * sizeof(double));
      __builtin_memcpy(squares, later_squares, static_cast<std::size_t>(n) * sizeof(double));
      return;
    }
    const MomentWeights weights(static_cast<double>(left_count), static_cast<double>(right_count));
    for (std::int64_t i = 0; i < n; ++i) {
      double added = later_squares[i];
      for (int part = 0; part < kParts; ++part) {
        const double difference = later_means[i * kParts + part] - means[i * kParts + part];
        means[i * kParts + part] += difference * weights.mean;
        added += difference * difference * weights.squares;
      }
      squares[i] += added;
    }
  }

  template <class Output, bool kRoot>
  static void finish(void* const* planes, void* output, std::int64_t n, std::int64_t count,
                     double correction) noexcept {
    const auto* __restrict squares = static_cast<const double*>(planes[1]);
    auto* __restrict out = static_cast<Output*>(output);
    const double divisor = static_cast<double>(count) - correction;
    for (std::int64_t i = 0; i < n; ++i)
      out[i] = static_cast<Output>(finish_moment<kRoot>(squares[i], divisor));
  }

  template <class Output, bool kRoot>
  [[nodiscard]] static ReduceKernel kernel() noexcept {
    return {2,
            {sizeof(double) * kParts, sizeof(double)},
            dtype_of<Output>(),
            init,
            accumulate_across,
            accumulate_along,
            merge,
            finish<Output, kRoot>};
  }

 private:
  static VARVE_INLINE double sum_squares(const T* x, std::int64_t length, const double* means) noexcept {
    using Set = Lanes<double, kLanes * kParts>;
    if constexpr (kParts == 1) {
      Set lanes(0);
      const double mean = means[0];
      run_as_float64(lanes, x, length, mean, [mean](auto sum, auto value) VARVE_LAMBDA {
        const auto deviation = value - mean;
        return sum + deviation * deviation;
      });
      double squares;
      lanes.template fold<1>(&squares, [](double a, double b) VARVE_LAMBDA { return a + b; });
      return squares;
    } else {
      return sum_complex_squares(x, length, means);
    }
  }

  /// Adds |x - mean|^2 in scalar lanes.
  static VARVE_INLINE double sum_complex_squares(const T* x, std::int64_t length,
                                                 const double* means) noexcept {
    double lanes[kLanes] = {};
    const auto add = [&](std::int64_t i, int lane) VARVE_LAMBDA {
      const double re = static_cast<double>(x[2 * i]) - means[0];
      const double im = static_cast<double>(x[2 * i + 1]) - means[1];
      lanes[lane] += re * re + im * im;
    };
    std::int64_t i = 0;
    for (; i + kLanes <= length; i += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) add(i + lane, lane);
    }
    for (int lane = 0; i < length; ++i, ++lane) add(i, lane);
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
  }
};

}  // namespace

void fill_moment(ReduceTable& table) noexcept {
  for_each_integer([&](auto type, DType dtype) {
    using Kernel = Moments<decltype(type), 1>;
    table.at(ReduceOp::var, dtype) = Kernel::template kernel<double, false>();
    table.at(ReduceOp::std, dtype) = Kernel::template kernel<double, true>();
  });
  for_each_floating([&](auto type, DType dtype) {
    using Kernel = Moments<decltype(type), 1>;
    table.at(ReduceOp::var, dtype) = Kernel::template kernel<decltype(type), false>();
    table.at(ReduceOp::std, dtype) = Kernel::template kernel<decltype(type), true>();
  });
  for_each_complex([&](auto type, DType dtype) {
    using Kernel = Moments<decltype(type), 2>;
    table.at(ReduceOp::var, dtype) = Kernel::template kernel<decltype(type), false>();
    table.at(ReduceOp::std, dtype) = Kernel::template kernel<decltype(type), true>();
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
