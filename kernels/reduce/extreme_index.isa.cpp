#include "kernels/reduce/extreme.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

/// Stands for "no element yet": it loses against every index.
constexpr std::int64_t kNoIndex = std::numeric_limits<std::int64_t>::max();

/// Reduces to two planes: the extreme value and its flat index. Of equal elements (and of NaNs) the one with
/// the least index wins, in whatever order they come.
template <class T, Extreme kExtreme, NanRule kNans>
struct ExtremeIndex {
  static constexpr T kWorst = worst_value<T, kExtreme>();

  static VARVE_INLINE bool takes(T value, std::int64_t index, T state, std::int64_t state_index) noexcept {
    bool better = beats<kExtreme>(value, state);
    bool same = value == state;
    if constexpr (std::is_floating_point_v<T> && kNans == NanRule::propagate) {
      better |= (value != value) & (state == state);
      same |= (value != value) & (state != state);
    }
    return better | (same & (index < state_index));
  }

  static void init(void* const* planes, std::int64_t n) noexcept {
    auto* values = static_cast<T*>(planes[0]);
    auto* indices = static_cast<std::int64_t*>(planes[1]);
    for (std::int64_t i = 0; i < n; ++i) values[i] = kWorst;
    for (std::int64_t i = 0; i < n; ++i) indices[i] = kNoIndex;
  }

  static void accumulate_across(void* const* planes, const void* values, std::int64_t n, std::int64_t,
                                std::int64_t index) noexcept {
    auto* __restrict best = static_cast<T*>(planes[0]);
    auto* __restrict indices = static_cast<std::int64_t*>(planes[1]);
    const auto* __restrict x = static_cast<const T*>(values);
    for (std::int64_t i = 0; i < n; ++i) {
      const bool take = takes(x[i], index, best[i], indices[i]);
      best[i] = take ? x[i] : best[i];
      indices[i] = take ? index : indices[i];
    }
  }

  /// Finds the extreme value first, then where it is: both passes run at the speed of the cache.
  static void accumulate_along(void* const* planes, const void* values, std::int64_t length, std::int64_t,
                               std::int64_t index) noexcept {
    const auto* x = static_cast<const T*>(values);
    T extreme;
    ExtremeValue<T, kExtreme, kNans>::segment(x, length, &extreme);
    const std::int64_t position = find(x, length, extreme);
    if (position == length) return;
    auto* best = static_cast<T*>(planes[0]);
    auto* state_index = static_cast<std::int64_t*>(planes[1]);
    if (!takes(extreme, index + position, *best, *state_index)) return;
    *best = extreme;
    *state_index = index + position;
  }

  static void merge(void* const* left, const void* const* right, std::int64_t n, std::int64_t,
                    std::int64_t) noexcept {
    auto* __restrict best = static_cast<T*>(left[0]);
    auto* __restrict indices = static_cast<std::int64_t*>(left[1]);
    const auto* __restrict later = static_cast<const T*>(right[0]);
    const auto* __restrict later_indices = static_cast<const std::int64_t*>(right[1]);
    for (std::int64_t i = 0; i < n; ++i) {
      const bool take = takes(later[i], later_indices[i], best[i], indices[i]);
      best[i] = take ? later[i] : best[i];
      indices[i] = take ? later_indices[i] : indices[i];
    }
  }

  static void finish(void* const* planes, void* output, std::int64_t n, std::int64_t, double) noexcept {
    const auto* __restrict indices = static_cast<const std::int64_t*>(planes[1]);
    auto* __restrict out = static_cast<std::int64_t*>(output);
    for (std::int64_t i = 0; i < n; ++i) out[i] = indices[i] == kNoIndex ? -1 : indices[i];
  }

  [[nodiscard]] static ReduceKernel kernel() noexcept {
    return {2,
            {sizeof(T), sizeof(std::int64_t)},
            DType::int64,
            init,
            accumulate_across,
            accumulate_along,
            merge,
            finish};
  }

 private:
  static VARVE_INLINE bool is_found(T value, T sought) noexcept {
    if constexpr (kNans == NanRule::skip || std::is_integral_v<T>) return value == sought;
    return (value == sought) | ((value != value) & (sought != sought));
  }

  /// Returns the first position of `sought`, or `length`. Whole blocks are tested without branches.
  static VARVE_INLINE std::int64_t find(const T* x, std::int64_t length, T sought) noexcept {
    // As wide as an element, so that vectors of comparisons need no packing.
    using Flag = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;
    constexpr std::int64_t kBlock = 64;
    std::int64_t i = 0;
    for (; i + kBlock <= length; i += kBlock) {
      Flag found = 0;
      for (std::int64_t k = 0; k < kBlock; ++k) found |= is_found(x[i + k], sought) ? 1 : 0;
      if (found != 0) break;
    }
    while (i < length && !is_found(x[i], sought)) ++i;
    return i;
  }
};

}  // namespace

void fill_extreme_index(ReduceTable& table) noexcept {
  const auto plain = [&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::argmin, dtype) = ExtremeIndex<T, Extreme::least, NanRule::propagate>::kernel();
    table.at(ReduceOp::argmax, dtype) = ExtremeIndex<T, Extreme::greatest, NanRule::propagate>::kernel();
  };
  for_each_integer(plain);
  for_each_floating(plain);
  for_each_floating([&](auto type, DType dtype) {
    using T = decltype(type);
    table.at(ReduceOp::nanargmin, dtype) = ExtremeIndex<T, Extreme::least, NanRule::skip>::kernel();
    table.at(ReduceOp::nanargmax, dtype) = ExtremeIndex<T, Extreme::greatest, NanRule::skip>::kernel();
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
