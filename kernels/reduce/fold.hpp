#pragma once

#include "kernels/reduce/lanes.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

/// Turns a rule into the functions of a reduction with one plane. A rule names
///
///     using Input;   // what an array holds: of complex numbers their parts
///     using State;   // what the plane holds
///     static constexpr int kParts;         // 2: complex, both parts reduced alike and apart; otherwise 1
///     static constexpr State kIdentity;
///     static State load(const Input*, i);  // element i, as it is to be combined
///     static State combine(State, State);
///     // The combination of n elements; it may be one of the fold_in_* below.
///     static void segment(const Input*, n, State* parts);
template <class Rule>
struct Fold {
  using Input = typename Rule::Input;
  using State = typename Rule::State;
  static constexpr int kParts = Rule::kParts;

  static void init(void* const* planes, std::int64_t n) noexcept {
    auto* state = static_cast<State*>(planes[0]);
    for (std::int64_t i = 0; i < n * kParts; ++i) state[i] = Rule::kIdentity;
  }

  static void accumulate_across(void* const* planes, const void* values, std::int64_t n, std::int64_t,
                                std::int64_t) noexcept {
    auto* __restrict state = static_cast<State*>(planes[0]);
    const auto* __restrict x = static_cast<const Input*>(values);
    for (std::int64_t i = 0; i < n * kParts; ++i) state[i] = Rule::combine(state[i], Rule::load(x, i));
  }

  static void accumulate_rows(void* const* planes, const void* values, std::int64_t row_bytes,
                              std::int64_t rows, std::int64_t n) noexcept {
    const auto* bytes = static_cast<const std::byte*>(values);
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4, bytes += 4 * row_bytes) {
      auto* __restrict state = static_cast<State*>(planes[0]);
      const auto* __restrict a = reinterpret_cast<const Input*>(bytes);
      const auto* __restrict b = reinterpret_cast<const Input*>(bytes + row_bytes);
      const auto* __restrict c = reinterpret_cast<const Input*>(bytes + 2 * row_bytes);
      const auto* __restrict d = reinterpret_cast<const Input*>(bytes + 3 * row_bytes);
      for (std::int64_t i = 0; i < n * kParts; ++i) {
        const State first = Rule::combine(Rule::combine(state[i], Rule::load(a, i)), Rule::load(b, i));
        state[i] = Rule::combine(Rule::combine(first, Rule::load(c, i)), Rule::load(d, i));
      }
    }
    for (; row < rows; ++row, bytes += row_bytes) accumulate_across(planes, bytes, n, 0, 0);
  }

  static void accumulate_along(void* const* planes, const void* values, std::int64_t length, std::int64_t,
                               std::int64_t) noexcept {
    auto* state = static_cast<State*>(planes[0]);
    State parts[kParts];
    Rule::segment(static_cast<const Input*>(values), length, parts);
    for (int part = 0; part < kParts; ++part) state[part] = Rule::combine(state[part], parts[part]);
  }

  static void merge(void* const* left, const void* const* right, std::int64_t n, std::int64_t,
                    std::int64_t) noexcept {
    auto* __restrict state = static_cast<State*>(left[0]);
    const auto* __restrict later = static_cast<const State*>(right[0]);
    for (std::int64_t i = 0; i < n * kParts; ++i) state[i] = Rule::combine(state[i], later[i]);
  }

  using Finish = decltype(ReduceKernel::finish);
  [[nodiscard]] static VARVE_INLINE ReduceKernel kernel(DType output_dtype, Finish finish) noexcept {
    return {1,      {sizeof(State) * kParts}, output_dtype, init, accumulate_across, accumulate_along, merge,
            finish, accumulate_rows};
  }
};

/// Combines a segment in order: right where the combination is exact, so that the compiler may vectorise it.
template <class Rule>
VARVE_INLINE void fold_in_order(const typename Rule::Input* x, std::int64_t n,
                                typename Rule::State* parts) noexcept {
  typename Rule::State state = Rule::kIdentity;
  for (std::int64_t i = 0; i < n; ++i) state = Rule::combine(state, Rule::load(x, i));
  parts[0] = state;
}

/// Combines a segment of floating values in vector lanes. The rule's `combine` and `filter` (what `load` does
/// after conversion) take vectors too.
template <class Rule>
VARVE_INLINE void fold_in_lanes(const typename Rule::Input* x, std::int64_t n,
                                typename Rule::State* parts) noexcept {
  using Input = typename Rule::Input;
  using State = typename Rule::State;
  Lanes<State, kLanes * Rule::kParts> lanes(Rule::kIdentity);
  lanes.run(x, n * Rule::kParts, static_cast<Input>(Rule::kIdentity),
            [](auto state, auto value) VARVE_LAMBDA { return Rule::combine(state, Rule::filter(value)); });
  lanes.template fold<Rule::kParts>(parts, [](State a, State b) VARVE_LAMBDA { return Rule::combine(a, b); });
}

/// Combines a segment in lanes of any state type, one element at a time.
template <class Rule>
VARVE_INLINE void fold_in_scalar_lanes(const typename Rule::Input* x, std::int64_t n,
                                       typename Rule::State* parts) noexcept {
  typename Rule::State lanes[kLanes];
  for (int k = 0; k < kLanes; ++k) lanes[k] = Rule::kIdentity;
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int k = 0; k < kLanes; ++k) lanes[k] = Rule::combine(lanes[k], Rule::load(x, i + k));
  }
  for (; i < n; ++i) lanes[i % kLanes] = Rule::combine(lanes[i % kLanes], Rule::load(x, i));
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int k = 0; k < half; ++k) lanes[k] = Rule::combine(lanes[k], lanes[k + half]);
  }
  parts[0] = lanes[0];
}

/// Finishes by converting the first plane. Complex states count as twice as many real ones.
template <class State, class Output, int kParts = 1>
void finish_value(void* const* planes, void* output, std::int64_t n, std::int64_t, double) noexcept {
  const auto* __restrict state = static_cast<const State*>(planes[0]);
  auto* __restrict out = static_cast<Output*>(output);
  for (std::int64_t i = 0; i < n * kParts; ++i) out[i] = static_cast<Output>(state[i]);
}

/// Finishes by dividing the first plane by the number of elements.
template <class Output, int kParts = 1>
void finish_mean(void* const* planes, void* output, std::int64_t n, std::int64_t count, double) noexcept {
  const auto* __restrict sum = static_cast<const double*>(planes[0]);
  auto* __restrict out = static_cast<Output*>(output);
  const auto divisor = static_cast<double>(count);
  for (std::int64_t i = 0; i < n * kParts; ++i) out[i] = static_cast<Output>(sum[i] / divisor);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
