#include "kernels/reduce/fold.hpp"
#include "kernels/reduce/segment_sum.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T>
struct IntegerSum {
  using Input = T;
  using State = std::uint64_t;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 0;
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept { return static_cast<State>(x[i]); }
  static VARVE_INLINE State combine(State a, State b) noexcept { return a + b; }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    parts[0] = sum_integers(x, n);
  }
};

/// Adds in float64, whatever the input.
template <class T, int kPartCount>
struct FloatSum {
  using Input = T;
  using State = double;
  static constexpr int kParts = kPartCount;
  static constexpr State kIdentity = 0;
  static VARVE_INLINE State load(const T* x, std::int64_t i) noexcept { return static_cast<State>(x[i]); }
  static VARVE_INLINE State combine(State a, State b) noexcept { return a + b; }
  static VARVE_INLINE void segment(const T* x, std::int64_t n, State* parts) noexcept {
    sum_as_float64<kPartCount>(x, n, parts);
  }
};

}  // namespace

void fill_sum(ReduceTable& table) noexcept {
  for_each_integer([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::sum, dtype) =
        Fold<IntegerSum<T>>::kernel(wide_integer(dtype), finish_value<std::uint64_t, std::uint64_t>);
    table.at(ReduceOp::mean, dtype) = Fold<FloatSum<T, 1>>::kernel(DType::float64, finish_mean<double>);
  });
  for_each_floating([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::sum, dtype) = Fold<FloatSum<T, 1>>::kernel(dtype, finish_value<double, T>);
    table.at(ReduceOp::mean, dtype) = Fold<FloatSum<T, 1>>::kernel(dtype, finish_mean<T>);
  });
  for_each_complex([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::sum, dtype) = Fold<FloatSum<T, 2>>::kernel(dtype, finish_value<double, T, 2>);
    table.at(ReduceOp::mean, dtype) = Fold<FloatSum<T, 2>>::kernel(dtype, finish_mean<T, 2>);
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
