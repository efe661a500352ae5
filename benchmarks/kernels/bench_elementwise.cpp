// Elementwise kernels over dense vectors, in GB/s of operand and result bytes. 2048 elements is the vector
// length of a fused program (L1/L2); the longer one shows the loop without call overhead, from L2.
#include <benchmark/benchmark.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/elementwise.hpp"
#include "kernels/vector.hpp"
#include "ops/elementwise/elementwise_table.hpp"

namespace {

using namespace varve;
using kernels::ElementwiseOp;
using kernels::VectorFunction;

struct Row {
  std::string name;
  ElementwiseOp op;
  int arity;
  unsigned scalar_mask;
  bool to_bool;
};

// Every operation, and some with scalars.
std::vector<Row> rows() {
  std::vector<Row> all = {{"add_scalar", ElementwiseOp::add, 2, 2, false},
                          {"greater_scalar", ElementwiseOp::greater, 2, 2, true},
                          {"remainder_scalar", ElementwiseOp::remainder, 2, 2, false},
                          {"clip_scalars", ElementwiseOp::clip, 3, 6, false},
                          {"nan_to_num_scalars", ElementwiseOp::nan_to_num, 4, 14, false}};
  for (const ops::ElementwiseRow& row : ops::elementwise_rows())
    all.push_back({std::string(row.name), row.op, row.arity, 0, row.rule == ops::DTypeRule::predicate});
  return all;
}

// Small positive numbers, at home in every dtype and in the domain of every function.
std::vector<std::byte> operand(DType dtype, std::int64_t n) {
  std::mt19937 random(1);
  std::vector<double> values(static_cast<std::size_t>(n));
  for (double& value : values) value = 1 + static_cast<double>(random() % 1000) / 100;
  std::vector<std::byte> bytes(static_cast<std::size_t>(n * size_bytes(dtype)));
  const void* inputs[] = {values.data()};
  kernels::find_cast(DType::float64, dtype)(inputs, bytes.data(), n, 0);
  return bytes;
}

void measure(benchmark::State& state, VectorFunction kernel,
             const std::vector<std::vector<std::byte>>& operands, std::int64_t output_bytes,
             std::int64_t bytes_moved, unsigned scalar_mask) {
  std::vector<std::byte> output(static_cast<std::size_t>(output_bytes * state.range(0)));
  const void* inputs[4] = {};
  for (std::size_t k = 0; k < operands.size(); ++k) inputs[k] = operands[k].data();
  for (auto _ : state) {
    kernel(inputs, output.data(), state.range(0), scalar_mask);
    benchmark::DoNotOptimize(output.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * bytes_moved);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void elementwise(benchmark::State& state, const Row& row, DType dtype) {
  std::vector<std::vector<std::byte>> operands;
  const std::int64_t n = state.range(0);
  const std::int64_t output_bytes = row.to_bool ? 1 : size_bytes(dtype);
  std::int64_t bytes_moved = output_bytes * n;
  for (int k = 0; k < row.arity; ++k) {
    const bool is_condition = row.op == ElementwiseOp::where && k == 0;
    const DType operand_dtype = is_condition ? DType::boolean : dtype;
    operands.push_back(operand(operand_dtype, n));
    if (!((row.scalar_mask >> k) & 1u)) bytes_moved += size_bytes(operand_dtype) * n;
  }
  measure(state, kernels::find_elementwise(row.op, dtype), operands, output_bytes, bytes_moved,
          row.scalar_mask);
}

void cast(benchmark::State& state, DType from, DType to) {
  const std::int64_t n = state.range(0);
  measure(state, kernels::find_cast(from, to), {operand(from, n)}, size_bytes(to),
          n * (size_bytes(from) + size_bytes(to)), 0);
}

// The yardstick: memcpy of float32.
void memory_copy(benchmark::State& state) {
  const auto source = operand(DType::float32, state.range(0));
  std::vector<std::byte> target(source.size());
  for (auto _ : state) {
    std::memcpy(target.data(), source.data(), source.size());
    benchmark::DoNotOptimize(target.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 2 * static_cast<std::int64_t>(source.size()));
}

const int kRegistered = [] {
  benchmark::RegisterBenchmark("memcpy", memory_copy)->Arg(2048)->Arg(32768);
  for (const DType dtype : {DType::float32, DType::float64, DType::int32, DType::int16, DType::complex64}) {
    for (const Row& row : rows()) {
      if (kernels::find_elementwise(row.op, dtype) == nullptr) continue;
      const std::string name = "elementwise/" + row.name + '/' + std::string(name_of(dtype));
      benchmark::RegisterBenchmark(name.c_str(), elementwise, row, dtype)->Arg(2048)->Arg(32768);
    }
  }
  const std::pair<DType, DType> casts[] = {
      {DType::float32, DType::float64}, {DType::float64, DType::float32}, {DType::int16, DType::float32},
      {DType::int32, DType::float32},   {DType::int32, DType::float64},   {DType::int64, DType::float64},
      {DType::float32, DType::int16},   {DType::float32, DType::int32},   {DType::float16, DType::float32},
      {DType::float32, DType::float16}, {DType::float64, DType::float16}, {DType::uint8, DType::float32},
      {DType::boolean, DType::float32}, {DType::int64, DType::int32},     {DType::float64, DType::int64}};
  for (const auto& [from, to] : casts) {
    const std::string name = "cast/" + std::string(name_of(from)) + "_to_" + std::string(name_of(to));
    benchmark::RegisterBenchmark(name.c_str(), cast, from, to)->Arg(2048)->Arg(32768);
  }
  return 0;
}();

}  // namespace
