#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <random>

#include "exec/state_coding.hpp"
#include "io/codec/crc32c.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using exec::State;
using exec::StateKind;

namespace {

constexpr std::size_t kHeaderBytes = 72;
constexpr std::uint64_t kHash = 0x0123456789abcdefULL;

class Memory {
 public:
  Memory() : pool(budget_), lease_(budget_.acquire(1 << 24)) {}

 private:
  exec::Budget budget_{1 << 24};

 public:
  exec::BufferPool pool;

 private:
  exec::Lease lease_;
};

std::vector<std::byte> random_bytes(std::size_t size, bool truth_values, std::mt19937& random) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & (truth_values ? 1U : 255U));
  return bytes;
}

// A state that random values went into, row after row.
State random_state(const StateKind& kind, std::int64_t rows, Memory& memory, std::mt19937& random) {
  const kernels::ReduceKernel& kernel = *kernels::find_reduce(kind.op, kind.input_dtype);
  State state(kernel, kind.elements, memory.pool);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto bytes = static_cast<std::size_t>(kind.elements * size_bytes(kind.input_dtype));
    const std::vector<std::byte> values = random_bytes(bytes, kind.input_dtype == DType::boolean, random);
    kernel.accumulate_across(state.planes(), values.data(), kind.elements, row, row);
  }
  state.count = rows;
  return state;
}

std::vector<std::byte> encoded(const State& state, const StateKind& kind) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(exec::encoded_state_bytes(kind)));
  exec::encode_state(state, kind, bytes);
  return bytes;
}

// Merges, and returns the bytes of the results.
std::vector<std::byte> merged(const State& left, const State& right, const StateKind& kind) {
  const kernels::ReduceKernel& kernel = *kernels::find_reduce(kind.op, kind.input_dtype);
  kernel.merge(left.planes(), right.planes(), kind.elements, left.count, right.count);
  std::vector<std::byte> results(static_cast<std::size_t>(kind.elements * size_bytes(kernel.output_dtype)));
  kernel.finish(left.planes(), results.data(), kind.elements, left.count + right.count, 1);
  return results;
}

void for_each_kind(const std::function<void(const StateKind&)>& visit) {
  for (int op = 0; op < kernels::kReduceOpCount; ++op) {
    for (const DType dtype : kAllDTypes) {
      if (kernels::find_reduce(static_cast<kernels::ReduceOp>(op), dtype) == nullptr) continue;
      for (const std::int64_t elements : {1, 7, 600})
        visit({static_cast<kernels::ReduceOp>(op), dtype, elements, 100, kHash});
    }
  }
}

// Makes the sums of changed bytes right again, as somebody would who forges them.
void forge_sums(std::vector<std::byte>& bytes) {
  const std::uint32_t planes = io::crc32c(std::span(bytes).subspan(kHeaderBytes));
  std::memcpy(bytes.data() + kHeaderBytes - 8, &planes, 4);
  const std::uint32_t header = io::crc32c(std::span(bytes).first(kHeaderBytes - 4));
  std::memcpy(bytes.data() + kHeaderBytes - 4, &header, 4);
}

const StateKind kVariance = {kernels::ReduceOp::nanvar, DType::float32, 5, 100, kHash};

}  // namespace

TEST_CASE("states: through bytes, every reduction of every dtype merges to the same bits", "[exec]") {
  Memory memory;
  std::mt19937 random(21);
  int kinds = 0;
  for_each_kind([&](const StateKind& kind) {
    INFO("reduction " << static_cast<int>(kind.op) << " of " << name_of(kind.input_dtype) << ", "
                      << kind.elements << " elements");
    const State left = random_state(kind, 3, memory, random);
    const State right = random_state(kind, 5, memory, random);
    const State left_again = exec::decode_state(encoded(left, kind), kind, memory.pool);
    const State right_again = exec::decode_state(encoded(right, kind), kind, memory.pool);
    CHECK(left_again.count == 3);
    CHECK(encoded(left_again, kind) == encoded(left, kind));
    CHECK(merged(left_again, right_again, kind) == merged(left, right, kind));
    ++kinds;
  });
  CHECK(kinds > 500);
}

TEST_CASE("states: bytes with any bit flipped, cut off or with more behind are refused", "[exec]") {
  Memory memory;
  std::mt19937 random(22);
  const std::vector<std::byte> bytes = encoded(random_state(kVariance, 4, memory, random), kVariance);
  CHECK_NOTHROW(exec::decode_state(bytes, kVariance, memory.pool));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      INFO("byte " << at << ", bit " << bit);
      std::vector<std::byte> damaged = bytes;
      damaged[at] ^= static_cast<std::byte>(1 << bit);
      CHECK_THROWS_AS(exec::decode_state(damaged, kVariance, memory.pool), FormatError);
    }
    const std::span<const std::byte> cut = std::span(bytes).first(at);
    CHECK_THROWS_AS(exec::decode_state(cut, kVariance, memory.pool), FormatError);
  }
  std::vector<std::byte> longer = bytes;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(exec::decode_state(longer, kVariance, memory.pool), FormatError);
}

TEST_CASE("states: a forged header that says anything else than what is expected is refused", "[exec]") {
  Memory memory;
  std::mt19937 random(23);
  const std::vector<std::byte> bytes = encoded(random_state(kVariance, 4, memory, random), kVariance);
  int accepted = 0;
  for (std::size_t at = 0; at < kHeaderBytes - 8; ++at) {
    for (int value = 0; value < 256; ++value) {
      std::vector<std::byte> forged = bytes;
      forged[at] = static_cast<std::byte>(value);
      forge_sums(forged);
      if (forged == bytes) continue;
      try {
        const std::int64_t count = exec::decode_state(forged, kVariance, memory.pool).count;
        CHECK((count >= 0 && count <= kVariance.max_count));
        ++accepted;
      } catch (const FormatError&) {
      }
    }
  }
  CHECK(accepted == 100);  // other counts that might be
}

TEST_CASE("states: a state of another reduction, dtype, size or stage is refused", "[exec]") {
  Memory memory;
  std::mt19937 random(24);
  const std::vector<std::byte> bytes = encoded(random_state(kVariance, 4, memory, random), kVariance);
  const auto refused = [&](auto change) {
    StateKind kind = kVariance;
    change(kind);
    CHECK_THROWS_AS(exec::decode_state(bytes, kind, memory.pool), FormatError);
  };
  refused([](StateKind& kind) { kind.op = kernels::ReduceOp::nanstd; });
  refused([](StateKind& kind) { kind.input_dtype = DType::float64; });
  refused([](StateKind& kind) { kind.elements = 4; });
  refused([](StateKind& kind) { kind.max_count = 3; });
  refused([](StateKind& kind) { kind.stage_hash ^= 1; });
}

TEST_CASE("states: a forged truth value is refused", "[exec]") {
  Memory memory;
  std::mt19937 random(25);
  for (const auto& [op, dtype] : {std::pair(kernels::ReduceOp::any, DType::float64),
                                  std::pair(kernels::ReduceOp::max, DType::boolean)}) {
    const StateKind kind = {op, dtype, 9, 100, kHash};
    std::vector<std::byte> bytes = encoded(random_state(kind, 4, memory, random), kind);
    bytes.back() = std::byte{2};
    forge_sums(bytes);
    CHECK_THROWS_AS(exec::decode_state(bytes, kind, memory.pool), FormatError);
  }
}
