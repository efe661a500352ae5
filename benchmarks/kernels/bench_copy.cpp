#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "kernels/copy.hpp"

// All rates count each byte once: GB/s of array copied. Edge 256 lies in cache, edge 4096 in memory.

namespace {

using varve::ByteStrides;
using varve::DType;
using varve::Shape;

struct Memory {
  explicit Memory(std::int64_t bytes)
      : from(static_cast<std::size_t>(bytes), std::byte{1}), to(from.size()) {}
  std::vector<std::byte> from;
  std::vector<std::byte> to;
};

void set_rate(benchmark::State& state, std::int64_t bytes) {
  state.SetBytesProcessed(state.iterations() * bytes);
}

void bm_memcpy(benchmark::State& state) {
  const std::int64_t bytes = state.range(0) * state.range(0) * 4;
  Memory memory(bytes);
  for (auto _ : state) {
    std::memcpy(memory.to.data(), memory.from.data(), memory.to.size());
    benchmark::ClobberMemory();
  }
  set_rate(state, bytes);
}

void bm_transpose(benchmark::State& state, DType dtype) {
  const std::int64_t edge = state.range(0);
  const std::int64_t bytes = size_bytes(dtype);
  Memory memory(edge * edge * bytes);
  const varve::ConstStridedView from(memory.from.data(), dtype, Shape{edge, edge},
                                     ByteStrides{bytes, edge * bytes});
  const varve::StridedView to(memory.to.data(), dtype, Shape{edge, edge});
  for (auto _ : state) varve::kernels::copy(from, to);
  set_rate(state, edge * edge * bytes);
}

/// Takes every second element of each row, as x[:, ::2] does, or each row backwards.
void bm_strided(benchmark::State& state, DType dtype, std::int64_t step) {
  const std::int64_t edge = state.range(0);
  const std::int64_t bytes = size_bytes(dtype);
  const std::int64_t columns = edge / std::abs(step);
  Memory memory(edge * edge * bytes);
  const std::byte* first = memory.from.data() + (step < 0 ? (edge - 1) * bytes : 0);
  const varve::ConstStridedView from(first, dtype, Shape{edge, columns},
                                     ByteStrides{edge * bytes, step * bytes});
  const varve::StridedView to(memory.to.data(), dtype, Shape{edge, columns});
  for (auto _ : state) varve::kernels::copy(from, to);
  set_rate(state, edge * columns * bytes);
}

/// Swaps the two outer axes of (n, n, run): the inner runs of float32 stay dense.
void bm_runs(benchmark::State& state) {
  const std::int64_t run = state.range(0);
  const std::int64_t edge = 256;
  Memory memory(edge * edge * run * 4);
  const varve::ConstStridedView from(memory.from.data(), DType::float32, Shape{edge, edge, run},
                                     ByteStrides{run * 4, edge * run * 4, 4});
  const varve::StridedView to(memory.to.data(), DType::float32, Shape{edge, edge, run});
  for (auto _ : state) varve::kernels::copy(from, to);
  set_rate(state, edge * edge * run * 4);
}

void bm_small_block(benchmark::State& state) {
  Memory memory(1 << 16);
  for (auto _ : state) {
    varve::kernels::gather_block(memory.from.data(), 256, 4, 8, 16, 4, memory.to.data());
    benchmark::ClobberMemory();
  }
  set_rate(state, 8 * 16 * 4);
}

BENCHMARK(bm_memcpy)->Arg(256)->Arg(4096);
BENCHMARK_CAPTURE(bm_transpose, int8, DType::int8)->Arg(256)->Arg(4096);
BENCHMARK_CAPTURE(bm_transpose, int16, DType::int16)->Arg(256)->Arg(4096);
BENCHMARK_CAPTURE(bm_transpose, float32, DType::float32)->Arg(256)->Arg(4096)->Arg(4000);
BENCHMARK_CAPTURE(bm_transpose, float64, DType::float64)->Arg(256)->Arg(4096);
BENCHMARK_CAPTURE(bm_transpose, complex128, DType::complex128)->Arg(256)->Arg(2048);
BENCHMARK_CAPTURE(bm_strided, float32_every_second, DType::float32, 2)->Arg(256)->Arg(4096);
BENCHMARK_CAPTURE(bm_strided, float32_backwards, DType::float32, -1)->Arg(256)->Arg(4096);
BENCHMARK_CAPTURE(bm_strided, int8_backwards, DType::int8, -1)->Arg(256)->Arg(4096);
BENCHMARK(bm_runs)->Arg(2)->Arg(3)->Arg(16)->Arg(64);
BENCHMARK(bm_small_block);

}  // namespace
