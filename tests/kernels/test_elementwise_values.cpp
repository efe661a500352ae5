#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "kernels/elementwise/table.hpp"
#include "kernels/elementwise_oracle.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// All pairs for two operands; random tuples for more.
Operands combine(const std::vector<std::byte>& values, std::size_t element_bytes, int arity) {
  const std::size_t count = values.size() / element_bytes;
  const std::size_t n = arity == 1 ? count : arity == 2 ? count * count : 3000;
  std::mt19937 random(17);
  Operands operands(static_cast<std::size_t>(arity), std::vector<std::byte>(n * element_bytes));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < operands.size(); ++k) {
      std::size_t which = k == 0 ? i % count : i / count;
      if (arity > 2) which = random() % count;
      std::memcpy(operands[k].data() + i * element_bytes, values.data() + which * element_bytes,
                  element_bytes);
    }
  }
  return operands;
}

template <class T>
std::vector<std::byte> random_values(std::size_t n, double range, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-range, range);
  std::vector<std::byte> bytes(n * sizeof(T));
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bits = random();
    const T value = static_cast<T>(uniform(random));
    // range 0: any bit pattern, so every magnitude, subnormals, infinities and NaN
    std::memcpy(bytes.data() + i * sizeof(T), range == 0 ? static_cast<const void*>(&bits) : &value,
                sizeof(T));
  }
  return bytes;
}

}  // namespace

TEST_CASE("elementwise: every operation has a test row", "[kernels]") {
  std::vector<int> rows(kernels::kElementwiseOpCount, 0);
  for (const auto& row : real_cases()) ++rows[static_cast<std::size_t>(row.op)];
  ++rows[static_cast<std::size_t>(kernels::ElementwiseOp::where)];  // test_elementwise_select.cpp
  for (int op = 0; op < kernels::kElementwiseOpCount; ++op) {
    INFO("operation number " << op);
    CHECK(rows[static_cast<std::size_t>(op)] == 1);
  }
}

TEST_CASE("elementwise: kernels exist for exactly the dtypes that have an oracle", "[kernels]") {
  for (const auto level : runnable_levels()) {
    for (const auto& row : real_cases()) {
      for (const DType dtype : kAllDTypes) {
        if (is_complex(dtype)) continue;  // test_elementwise_complex.cpp
        INFO(name_of(level) << ' ' << row.name << ' ' << name_of(dtype));
        const auto& kernels_of_op = kernels::elementwise_table(level).rows[static_cast<int>(row.op)];
        const bool is_negation = row.op == kernels::ElementwiseOp::bitwise_invert && dtype == DType::boolean;
        CHECK((kernels_of_op.by_dtype[static_cast<int>(dtype)] != nullptr) ==
              (covers(row, dtype) || is_negation));
      }
    }
  }
}

TEST_CASE("elementwise: adversarial values give what plain loops give", "[kernels]") {
  for (const DType dtype : kAllDTypes) {
    const auto values = adversarial_values(dtype);
    for (const auto& row : real_cases()) {
      if (!covers(row, dtype)) continue;
      const auto operands = combine(values, static_cast<std::size_t>(size_bytes(dtype)), row.arity);
      for (const auto level : runnable_levels()) {
        INFO(name_of(level) << ' ' << name_of(dtype));
        CHECK(first_mismatch(row, dtype, level, operands) == "");
      }
    }
  }
}

TEST_CASE("elementwise: random floats of all magnitudes stay within the promised ulps", "[kernels]") {
  constexpr std::size_t kCount = 3001;
  for (const double range : {0.0, 1.0, 12.0, 120.0, 800.0, 3e6}) {
    for (const DType dtype : {DType::float32, DType::float64}) {
      Operands operands;
      for (unsigned k = 0; k < 4; ++k) {
        operands.push_back(dtype == DType::float32 ? random_values<float>(kCount, range, k)
                                                   : random_values<double>(kCount, range, k));
      }
      for (const auto& row : real_cases()) {
        if (!covers(row, dtype)) continue;
        for (const auto level : runnable_levels()) {
          INFO(name_of(level) << ' ' << name_of(dtype) << " within " << range);
          CHECK(first_mismatch(row, dtype, level, operands) == "");
        }
      }
    }
  }
}

TEST_CASE("elementwise: bitwise_invert of bool is its negation", "[kernels]") {
  const bool x[] = {true, false, true};
  bool got[3];
  const void* inputs[] = {x};
  kernels::find_elementwise(kernels::ElementwiseOp::bitwise_invert, DType::boolean)(inputs, got, 3, 0);
  CHECK((!got[0] && got[1] && !got[2]));
}
