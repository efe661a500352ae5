#include <catch2/catch.hpp>
#include <cstring>

#include "kernels/elementwise/table.hpp"
#include "kernels/elementwise_oracle.hpp"

using namespace varve;
using namespace varve::test;

TEST_CASE("where: takes each element from the side that the condition names", "[kernels]") {
  constexpr std::size_t kLength = 301;
  for (const DType dtype : kAllDTypes) {
    const auto width = static_cast<std::size_t>(size_bytes(dtype));
    std::vector<std::byte> condition(kLength), x(kLength * width), y(kLength * width), want(kLength * width);
    for (std::size_t i = 0; i < kLength; ++i) condition[i] = static_cast<std::byte>(i % 3 == 0 || i % 7 == 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = std::byte(i % 2);
      y[i] = std::byte((i / 2) % 2);
      want[i] = condition[i / width] == std::byte{1} ? x[i] : y[i];
    }
    for (const auto level : runnable_levels()) {
      std::vector<std::byte> got(kLength * width);
      const void* inputs[] = {condition.data(), x.data(), y.data()};
      const auto& row =
          kernels::elementwise_table(level).rows[static_cast<int>(kernels::ElementwiseOp::where)];
      row.by_dtype[static_cast<int>(dtype)](inputs, got.data(), kLength, 0);
      INFO(name_of(dtype) << ' ' << test::name_of(level));
      CHECK((got == want));
    }
  }
}
