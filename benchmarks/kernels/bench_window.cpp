#include <benchmark/benchmark.h>

#include <vector>

#include "kernels/window.hpp"

// Results per second. Rows of 512 elements, 64 of them: windows stay in cache.

namespace {

using varve::DType;
using varve::kernels::LineWindow;

constexpr std::int64_t kRow = 512;
constexpr std::int64_t kRows = 64;

struct Input {
  Input(DType dtype, std::int64_t count)
      : weights(static_cast<std::size_t>(count), 1.0 / static_cast<double>(count)),
        window{weights.data(), count, true, 1},
        row_bytes((kRow + count) * size_bytes(dtype)),
        from(static_cast<std::size_t>(row_bytes * (kRows + count)), std::byte{1}),
        to(from.size()) {}

  std::vector<double> weights;
  LineWindow window;
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
BENCHMARK_CAPTURE(bm_filter_across, float32, DType::float32)->Arg(3)->Arg(17)->Arg(63);
BENCHMARK_CAPTURE(bm_filter_along, uint16, DType::uint16)->Arg(3)->Arg(17)->Arg(63);
BENCHMARK_CAPTURE(bm_filter_along, float32, DType::float32)->Arg(3)->Arg(17)->Arg(63);

}  // namespace
