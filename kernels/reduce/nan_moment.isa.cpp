#include "kernels/reduce/moment.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

/// Reduces the elements that are not NaN to three planes of float64: their count (exact up to 2^53), their
/// mean and the sum of squared deviations from it.
template <class T>
struct NanMoments {
  static void init(void* const* planes, std::int64_t n) noexcept {
    for (int plane = 0; plane < 3; ++plane) {
      auto* values = static_cast<double*>(planes[plane]);
      for (std::int64_t i = 0; i < n; ++i) values[i] = 0;
    }
  }

  static void accumulate_across(void* const* planes, const void* values, std::int64_t n, std::int64_t,
                                std::int64_t) noexcept {
    auto* __restrict counts = static_cast<double*>(planes[0]);
    auto* __restrict means = static_cast<double*>(planes[1]);
    auto* __restrict squares = static_cast<double*>(planes[2]);
    const auto* __restrict x = static_cast<const T*>(values);
    for (std::int64_t i = 0; i < n; ++i) {
      // A NaN adds zeros: conditional stores would be far slower.
      const auto value = static_cast<double>(x[i]);
      const bool number = value == value;
      const double count = counts[i] + (number ? 1.0 : 0.0);
      const double difference = number ? value - means[i] : 0.0;
      const double mean = means[i] + difference / (number ? count : 1.0);
      counts[i] = count;
      means[i] = mean;
      squares[i] += number ? difference * (value - mean) : 0.0;
    }
  }

  static void accumulate_along(void* const* planes, const void* values, std::int64_t length, std::int64_t,
                               std::int64_t) noexcept {
    const auto* x = static_cast<const T*>(values);
    const auto count =
        static_cast<double>(count_where(length, [x](std::int64_t i) VARVE_LAMBDA { return x[i] == x[i]; }));
    const double mean = fold(x, length, [](auto value) VARVE_LAMBDA { return value; }) / count;
    const double squares = fold(x, length, [mean](auto value) VARVE_LAMBDA {
      const auto deviation = value - mean;
      return deviation * deviation;
    });
    join(planes, 0, count, mean, squares);
  }

  static void merge(void* const* left, const void* const* right, std::int64_t n, std::int64_t,
                    std::int64_t) noexcept {
    const auto* counts = static_cast<const double*>(right[0]);
    const auto* means = static_cast<const double*>(right[1]);
    const auto* squares = static_cast<const double*>(right[2]);
    for (std::int64_t i = 0; i < n; ++i) join(left, i, counts[i], means[i], squares[i]);
  }

  template <bool kRoot>
  static void finish(void* const* planes, void* output, std::int64_t n, std::int64_t,
                     double correction) noexcept {
    const auto* __restrict counts = static_cast<const double*>(planes[0]);
    const auto* __restrict squares = static_cast<const double*>(planes[2]);
    auto* __restrict out = static_cast<T*>(output);
    for (std::int64_t i = 0; i < n; ++i) {
      // As NumPy's, which differs here from that of the plain form.
      const double divisor = counts[i] - correction;
      out[i] = static_cast<T>(divisor > 0 ? finish_moment<kRoot>(squares[i], divisor)
                                          : std::numeric_limits<double>::quiet_NaN());
    }
  }

  template <bool kRoot>
  [[nodiscard]] static ReduceKernel kernel() noexcept {
    constexpr std::int64_t kBytes = sizeof(double);
    return {3,
            {kBytes, kBytes, kBytes},
            dtype_of<T>(),
            init,
            accumulate_across,
            accumulate_along,
            merge,
            finish<kRoot>};
  }

 private:
  /// Adds term(x[i]) over the elements that are not NaN.
  template <class Term>
  static VARVE_INLINE double fold(const T* x, std::int64_t n, const Term& term) noexcept {
    Lanes<double> lanes(0);
    lanes.run(x, n, std::numeric_limits<T>::quiet_NaN(), [&](auto sum, auto value) VARVE_LAMBDA {
      return sum + (value == value ? term(value) : decltype(value){});
    });
    double result;
    lanes.template fold<1>(&result, [](double a, double b) VARVE_LAMBDA { return a + b; });
    return result;
  }

  /// Joins state i with the moments of other elements by Chan's formula.
  static VARVE_INLINE void join(void* const* planes, std::int64_t i, double count, double mean,
                                double squares) noexcept {
    if (count == 0) return;
    double& own_count = static_cast<double*>(planes[0])[i];
    double& own_mean = static_cast<double*>(planes[1])[i];
    double& own_squares = static_cast<double*>(planes[2])[i];
    if (own_count == 0) {
      own_mean = mean;
      own_squares = squares;
    } else {
      const MomentWeights weights(own_count, count);
      const double difference = mean - own_mean;
      own_mean += difference * weights.mean;
      own_squares += squares + difference * difference * weights.squares;
    }
    own_count += count;
  }
};

}  // namespace

void fill_nan_moment(ReduceTable& table) noexcept {
  for_each_floating([&](auto type, DType dtype) {
    using Kernel = NanMoments<decltype(type)>;
    table.at(ReduceOp::nanvar, dtype) = Kernel::template kernel<false>();
    table.at(ReduceOp::nanstd, dtype) = Kernel::template kernel<true>();
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
