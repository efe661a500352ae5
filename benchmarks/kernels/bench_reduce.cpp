#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/reduce.hpp"

// GB/s of input. `along`: segments of 2048 elements into one state; `across`: rows of 2048 elements into 2048
// states. The input is 256 KiB, so it comes from the second-level cache.

namespace {

using varve::DType;
using varve::kernels::kVectorElements;
using varve::kernels::ReduceKernel;
using varve::kernels::ReduceOp;

constexpr std::int64_t kInputBytes = 256 * 1024;

/// Returns small finite numbers of the dtype (as bytes of small integers, where the dtype is an integer).
std::vector<std::byte> make_input(DType dtype) {
  std::vector<std::byte> bytes(kInputBytes);
  for (std::int64_t i = 0; i < kInputBytes / varve::size_bytes(dtype); ++i) {
    const auto value = static_cast<double>(i * 7919 % 1009) / 1009;
    if (dtype == DType::float32) reinterpret_cast<float*>(bytes.data())[i] = static_cast<float>(value);
    if (dtype == DType::float64) reinterpret_cast<double*>(bytes.data())[i] = value;
    if (!varve::is_floating(dtype)) bytes[static_cast<std::size_t>(i)] = static_cast<std::byte>(i * 31 % 127);
  }
  return bytes;
}

struct State {
  State(const ReduceKernel& kernel, std::int64_t n) {
    for (int plane = 0; plane < kernel.plane_count; ++plane) {
      memory[plane].resize(static_cast<std::size_t>(n * kernel.plane_bytes[plane]));
      planes[plane] = memory[plane].data();
    }
    kernel.init(planes, n);
  }
  std::vector<std::byte> memory[varve::kernels::kMaxPlanes];
  void* planes[varve::kernels::kMaxPlanes] = {};
};

void bm_reduce(benchmark::State& bench, ReduceOp op, DType dtype, bool along) {
  const ReduceKernel& kernel = *varve::kernels::find_reduce(op, dtype);
  const std::vector<std::byte> input = make_input(dtype);
  const std::int64_t segment_bytes = kVectorElements * varve::size_bytes(dtype);
  State state(kernel, kVectorElements);
  for (auto _ : bench) {
    std::int64_t count = 0;
    for (std::int64_t offset = 0; offset < kInputBytes; offset += segment_bytes) {
      if (along) {
        kernel.accumulate_along(state.planes, input.data() + offset, kVectorElements, count, count);
        count += kVectorElements;
      } else {
        kernel.accumulate_across(state.planes, input.data() + offset, kVectorElements, count, count);
        ++count;
      }
    }
    benchmark::ClobberMemory();
  }
  bench.SetBytesProcessed(bench.iterations() * kInputBytes);
}

struct Row {
  ReduceOp op;
  const char* name;
};

constexpr Row kRows[] = {{ReduceOp::sum, "sum"},
                         {ReduceOp::prod, "prod"},
                         {ReduceOp::mean, "mean"},
                         {ReduceOp::var, "var"},
                         {ReduceOp::min, "min"},
                         {ReduceOp::max, "max"},
                         {ReduceOp::argmax, "argmax"},
                         {ReduceOp::any, "any"},
                         {ReduceOp::count_nonzero, "count_nonzero"},
                         {ReduceOp::nansum, "nansum"},
                         {ReduceOp::nanmean, "nanmean"},
                         {ReduceOp::nanvar, "nanvar"},
                         {ReduceOp::nanmin, "nanmin"},
                         {ReduceOp::nanargmax, "nanargmax"}};

/// Registers a benchmark for each row that exists for the dtype; runs before main.
const bool kRegistered = [] {
  for (const DType dtype : {DType::float32, DType::float64, DType::int8, DType::int32}) {
    for (const Row& row : kRows) {
      if (varve::kernels::find_reduce(row.op, dtype) == nullptr) continue;
      for (const bool along : {true, false}) {
        const std::string name = std::string("bm_reduce/") + row.name + "/" +
                                 std::string(varve::name_of(dtype)) + (along ? "/along" : "/across");
        benchmark::RegisterBenchmark(name.c_str(), bm_reduce, row.op, dtype, along);
      }
    }
  }
  return true;
}();

}  // namespace
