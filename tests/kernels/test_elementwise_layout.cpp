// Relations that need no oracle: scalars equal vectors of one value, in place equals out of place, any length
// and any position give the same bits, and so does any instruction-set level where no function is
// approximated.
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>

#include "kernels/elementwise/table.hpp"
#include "kernels/elementwise_oracle.hpp"

using namespace varve;
using namespace varve::test;
using kernels::ElementwiseOp;
using kernels::InstructionSet;
using kernels::VectorFunction;

namespace {

struct Signature {
  ElementwiseOp op;
  int arity;
  DType dtype;
  DType output;
  bool approximate;  // bits may differ between levels
  std::string_view name;

  [[nodiscard]] std::size_t operand_bytes(std::size_t k) const {
    return static_cast<std::size_t>(op == ElementwiseOp::where && k == 0 ? 1 : size_bytes(dtype));
  }
  [[nodiscard]] std::size_t output_bytes() const { return static_cast<std::size_t>(size_bytes(output)); }
  [[nodiscard]] VectorFunction at(InstructionSet level) const {
    return kernels::elementwise_table(level).rows[static_cast<int>(op)].by_dtype[static_cast<int>(dtype)];
  }
};

bool gives_real(ElementwiseOp op) {
  return op == ElementwiseOp::abs || op == ElementwiseOp::real || op == ElementwiseOp::imag;
}

std::vector<Signature> all_signatures() {
  std::vector<Signature> signatures;
  for (const auto& row : real_cases()) {
    for (const DType dtype : kAllDTypes) {
      const auto* kernel =
          kernels::elementwise_table(InstructionSet::v2).rows[static_cast<int>(row.op)].by_dtype;
      if (kernel[static_cast<int>(dtype)] == nullptr) continue;
      const DType same = gives_real(row.op) ? real_of(dtype) : dtype;
      const DType output = row.output == Output::boolean ? DType::boolean : same;
      signatures.push_back({row.op, row.arity, dtype, output, row.ulps > 0, row.name});
    }
  }
  for (const DType dtype : kAllDTypes) {
    signatures.push_back({ElementwiseOp::where, 3, dtype, dtype, false, "where"});
  }
  return signatures;
}

// Operand k of n elements: the adversarial values, each operand in another order.
std::vector<std::byte> operand(const Signature& signature, std::size_t k, std::size_t n) {
  const std::size_t width = signature.operand_bytes(k);
  const auto values = adversarial_values(
      width == 1 && k == 0 && signature.op == ElementwiseOp::where ? DType::boolean : signature.dtype);
  const std::size_t count = values.size() / width;
  std::vector<std::byte> bytes(n * width);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t which = (i * (2 * k + 1) + i / 13 + k) % count;
    std::memcpy(bytes.data() + i * width, values.data() + which * width, width);
  }
  return bytes;
}

Operands make_operands(const Signature& signature, std::size_t n) {
  Operands operands;
  for (int k = 0; k < signature.arity; ++k)
    operands.push_back(operand(signature, static_cast<std::size_t>(k), n));
  return operands;
}

std::vector<std::byte> run(VectorFunction kernel, const Signature& signature, const Operands& operands,
                           std::size_t n, unsigned scalar_mask) {
  const void* inputs[4] = {};
  for (std::size_t k = 0; k < operands.size(); ++k) inputs[k] = operands[k].data();
  // 8: must stay untouched.
  std::vector<std::byte> output(n * signature.output_bytes() + 8, std::byte{0x5a});
  kernel(inputs, output.data(), static_cast<std::int64_t>(n), scalar_mask);
  return output;
}

// Repeats element `which` of each operand of the mask, so that scalar and vector mean the same.
void repeat(const Signature& signature, Operands& operands, unsigned mask, std::size_t which) {
  for (std::size_t k = 0; k < operands.size(); ++k) {
    if (!((mask >> k) & 1u)) continue;
    const std::size_t width = signature.operand_bytes(k);
    const std::vector<std::byte> value(
        operands[k].begin() + static_cast<std::ptrdiff_t>(which * width),
        operands[k].begin() + static_cast<std::ptrdiff_t>((which + 1) * width));
    for (std::size_t i = 0; i < operands[k].size(); ++i) operands[k][i] = value[i % width];
  }
}

std::string describe(const Signature& signature, InstructionSet level) {
  return std::string(signature.name) + ' ' + std::string(name_of(signature.dtype)) + ' ' +
         std::string(test::name_of(level));
}

template <class T>
void clear_nan(std::vector<std::byte>& bytes) {
  for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + i, sizeof(T));
    if (value != value) std::memset(bytes.data() + i, 0xff, sizeof(T));
  }
}

// The compiler may swap the operands of an addition, which shows in the sign and payload of a NaN, and
// nowhere else.
void make_nan_alike(const Signature& signature, std::vector<std::byte>& output) {
  if (real_of(signature.output) == DType::float32) clear_nan<float>(output);
  if (real_of(signature.output) == DType::float64) clear_nan<double>(output);
}

}  // namespace

TEST_CASE("elementwise: a scalar operand gives the bits of a vector of that value", "[kernels]") {
  constexpr std::size_t kLength = 131;
  for (const auto& signature : all_signatures()) {
    for (const auto level : runnable_levels()) {
      for (unsigned mask = 1; mask < 1u << signature.arity; ++mask) {
        for (const std::size_t which : {9u, 15u}) {
          auto operands = make_operands(signature, kLength);
          repeat(signature, operands, mask, which);
          auto vectors = run(signature.at(level), signature, operands, kLength, 0);
          auto scalars = run(signature.at(level), signature, operands, kLength, mask);
          make_nan_alike(signature, vectors);
          make_nan_alike(signature, scalars);
          INFO(describe(signature, level) << " mask " << mask);
          // A power with one exponent for all may take a shorter, more exact way.
          if (signature.op == ElementwiseOp::pow && is_floating(signature.dtype)) continue;
          CHECK((vectors == scalars));
        }
      }
    }
  }
}

TEST_CASE("elementwise: lengths and positions do not change bits, nor what lies behind", "[kernels]") {
  constexpr std::size_t kLongest = 2049;
  for (const auto& signature : all_signatures()) {
    const auto operands = make_operands(signature, kLongest);
    for (const auto level : runnable_levels()) {
      const auto whole = run(signature.at(level), signature, operands, kLongest, 0);
      for (const std::size_t n : {0u, 1u, 7u, 8u, 37u, 2048u}) {
        const auto part = run(signature.at(level), signature, operands, n, 0);
        INFO(describe(signature, level) << " length " << n);
        CHECK(std::memcmp(whole.data(), part.data(), n * signature.output_bytes()) == 0);
        CHECK(std::count(part.end() - 8, part.end(), std::byte{0x5a}) == 8);
      }
      const std::size_t skip = 5;  // another alignment, other neighbours
      Operands moved = operands;
      for (std::size_t k = 0; k < moved.size(); ++k) {
        moved[k].erase(moved[k].begin(),
                       moved[k].begin() + static_cast<std::ptrdiff_t>(skip * signature.operand_bytes(k)));
      }
      const auto later = run(signature.at(level), signature, moved, kLongest - skip, 0);
      INFO(describe(signature, level) << " moved");
      const std::size_t width = signature.output_bytes();
      CHECK(std::memcmp(whole.data() + skip * width, later.data(), (kLongest - skip) * width) == 0);
    }
  }
}

TEST_CASE("elementwise: the output may be an operand's memory", "[kernels]") {
  for (const auto& signature : all_signatures()) {
    for (const auto level : runnable_levels()) {
      for (const std::size_t n : {1u, 37u, 600u}) {
        const auto operands = make_operands(signature, n);
        const auto apart = run(signature.at(level), signature, operands, n, 0);
        for (std::size_t target = 0; target < operands.size(); ++target) {
          if (signature.operand_bytes(target) != signature.output_bytes()) continue;
          Operands shared = operands;
          const void* inputs[4] = {};
          for (std::size_t k = 0; k < shared.size(); ++k) inputs[k] = shared[k].data();
          signature.at(level)(inputs, shared[target].data(), static_cast<std::int64_t>(n), 0);
          INFO(describe(signature, level) << " into operand " << target << " of " << n);
          CHECK(std::memcmp(shared[target].data(), apart.data(), n * signature.output_bytes()) == 0);
        }
      }
    }
  }
}

TEST_CASE("elementwise: every level gives the same bits where nothing is approximated", "[kernels]") {
  constexpr std::size_t kLength = 997;
  const auto levels = runnable_levels();
  for (const auto& signature : all_signatures()) {
    if (signature.approximate) continue;
    const auto operands = make_operands(signature, kLength);
    auto first = run(signature.at(levels.front()), signature, operands, kLength, 0);
    make_nan_alike(signature, first);
    for (const auto level : levels) {
      auto result = run(signature.at(level), signature, operands, kLength, 0);
      make_nan_alike(signature, result);
      INFO(describe(signature, level));
      CHECK((result == first));
    }
  }
}
