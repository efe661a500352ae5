#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "kernels/window.hpp"

// Results per second. Rows of 512 elements, 64 of them: windows stay in cache.

namespace {

using varve::DType;
using varve::kernels::LineWindow;

constexpr std::int64_t kRow = 512;
constexpr std::int64_t kRows = 64;

// Weights that fall off from the middle, with the sum 1.
std::vector<double> falling(std::int64_t count) {
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double place = static_cast<double>(2 * i - count + 1) / static_cast<double>(count);
    weights.push_back(std::exp(-4 * place * place));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

struct Input {
  Input(DType dtype, std::int64_t count)
      : weights(falling(count)),
        window{weights.data(), count, true, 1},
        row_bytes((kRow + count) * size_bytes(dtype)),
        from(static_cast<std::size_t>(row_bytes * (kRows + count))),
        to(from.size()) {
    // Noise of 11 bits, in the first bytes of each element.
    std::uint32_t state = 1;
    for (std::size_t i = 0; i + 1 < from.size(); i += static_cast<std::size_t>(size_bytes(dtype))) {
      state = state * 1664525U + 1013904223U;
      from[i] = static_cast<std::byte>(state >> 24U);
      from[i + 1] = static_cast<std::byte>(state >> 16U & 7U);
    }
    if (size_bytes(dtype) == 2 && varve::kernels::make_short_window(window, shorts)) window.shorts = &shorts;
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  std::vector<double> weights;
  LineWindow window;
  varve::kernels::ShortWindow shorts;
  std::int64_t row_bytes;
  std::vector<std::byte> from;
  std::vector<std::byte> to;
};

void bm_filter_across(benchmark::State& state, DType dtype) {
  Input input(dtype, state.range(0));
  const auto filter = varve::kernels::find_filter_across(dtype);
  for (auto _ : state) {
    filter(input.window, input.from.data(), input.row_bytes, kRows, kRow, input.to.data(), input.row_bytes);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRow * kRows);
}

void bm_filter_along(benchmark::State& state, DType dtype) {
  Input input(dtype, state.range(0));
  const auto filter = varve::kernels::find_filter_along(dtype);
  for (auto _ : state) {
    for (std::int64_t row = 0; row < kRows; ++row) {
      filter(input.window, input.from.data() + row * input.row_bytes, 1, kRow,
             input.to.data() + row * input.row_bytes);
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRow * kRows);
}

BENCHMARK_CAPTURE(bm_filter_across, uint16, DType::uint16)->Arg(3)->Arg(17)->Arg(63);
BENCHMARK_CAPTURE(bm_filter_across, int32, DType::int32)->Arg(3)->Arg(17)->Arg(63);
BENCHMARK_CAPTURE(bm_filter_across, float32, DType::float32)->Arg(3)->Arg(17)->Arg(63);
BENCHMARK_CAPTURE(bm_filter_along, uint16, DType::uint16)->Arg(3)->Arg(17)->Arg(63);
BENCHMARK_CAPTURE(bm_filter_along, float32, DType::float32)->Arg(3)->Arg(17)->Arg(63);

}  // namespace
