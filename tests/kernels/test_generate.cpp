#include <catch2/catch.hpp>
#include <complex>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/generate.hpp"
#include "varve/core/scalar.hpp"

namespace {

using varve::DType;
using varve::Shape;
using varve::kernels::Progression;

/// Fills n elements of T, `gap` elements apart, and returns them.
template <class T>
std::vector<T> progression(DType dtype, const Progression& rule, std::int64_t first, std::int64_t n,
                           std::int64_t gap = 1) {
  std::vector<T> memory(static_cast<std::size_t>(n * gap));
  const auto step = static_cast<std::int64_t>(sizeof(T)) * gap;
  varve::kernels::fill_progression(rule, first,
                                   {reinterpret_cast<std::byte*>(memory.data()), dtype, Shape{n}, {step}});
  std::vector<T> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(memory[static_cast<std::size_t>(i * gap)]);
  return values;
}

const Progression kIntegers = {.start = 0.5, .step = 0.25, .integer_start = -5, .integer_step = 3};

template <class T>
void check_integers(DType dtype) {
  const auto values = progression<T>(dtype, kIntegers, 4, 100, 3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    REQUIRE(values[i] == static_cast<T>(-5 + 3 * (4 + static_cast<int>(i))));
  }
}

}  // namespace

TEST_CASE("fill_progression: integers are exact and wrap to their width", "[kernels][generate]") {
  check_integers<std::int8_t>(DType::int8);
  check_integers<std::int16_t>(DType::int16);
  check_integers<std::int32_t>(DType::int32);
  check_integers<std::int64_t>(DType::int64);
  check_integers<std::uint8_t>(DType::uint8);
  check_integers<std::uint16_t>(DType::uint16);
  check_integers<std::uint32_t>(DType::uint32);
  check_integers<std::uint64_t>(DType::uint64);
  const std::int64_t large = (std::int64_t{1} << 60) + 1;
  const auto values =
      progression<std::int64_t>(DType::int64, {.integer_start = large, .integer_step = -2}, 1, 2);
  REQUIRE(values == std::vector<std::int64_t>{large - 2, large - 4});
}

TEST_CASE("fill_progression: bool is nonzero", "[kernels][generate]") {
  const auto values =
      progression<std::uint8_t>(DType::boolean, {.integer_start = -1, .integer_step = 1}, 0, 4);
  REQUIRE(values == std::vector<std::uint8_t>{1, 0, 1, 1});
}

TEST_CASE("fill_progression: floating dtypes are computed in float64 and rounded once",
          "[kernels][generate]") {
  const Progression rule = {.start = 0.1, .step = 1.0 / 3};
  const auto doubles = progression<double>(DType::float64, rule, 1000000007, 70);
  const auto floats = progression<float>(DType::float32, rule, 1000000007, 70, 2);
  const auto complexes = progression<std::complex<float>>(DType::complex64, rule, 1000000007, 70);
  const auto wide_complexes = progression<std::complex<double>>(DType::complex128, rule, 1000000007, 70);
  for (std::size_t i = 0; i < doubles.size(); ++i) {
    const double product = (1.0 / 3) * (1000000007.0 + static_cast<double>(i));
    REQUIRE(doubles[i] == 0.1 + product);
    REQUIRE(floats[i] == static_cast<float>(doubles[i]));
    REQUIRE(complexes[i] == std::complex<float>(floats[i], 0));
    REQUIRE(wide_complexes[i] == std::complex<double>(doubles[i], 0));
  }
}

TEST_CASE("fill_progression: float16 is rounded once", "[kernels][generate]") {
  // Just above the middle of 1 and the next binary16; rounding to float32 first would land on the middle,
  // then on 1.
  const double above_middle = 1 + 0x1p-11 + 0x1p-40;
  const auto rounded = [](double value) {
    return varve::to_float32(progression<varve::Float16>(DType::float16, {.start = value}, 0, 1)[0]);
  };
  REQUIRE(rounded(above_middle) == 1 + 0x1p-10f);
  REQUIRE(rounded(1 + 0x1p-11) == 1.0f);
  REQUIRE(rounded(1 + 3 * 0x1p-11 - 0x1p-40) == 1 + 0x1p-10f);
  REQUIRE(rounded(-above_middle) == -1 - 0x1p-10f);
  REQUIRE(rounded(2.5) == 2.5f);
  REQUIRE(rounded(1e300) == std::numeric_limits<float>::infinity());
  REQUIRE(rounded(-0.0) == 0.0f);
  REQUIRE(rounded(0x1p-24) == 0x1p-24f);
}

TEST_CASE("fill_eye: ones on the diagonal of any block, in every dtype", "[kernels][generate]") {
  for (const DType dtype : varve::kAllDTypes) {
    DYNAMIC_SECTION(varve::name_of(dtype)) {
      const auto bytes = static_cast<std::size_t>(varve::size_bytes(dtype));
      std::byte one[16] = {};
      if (dtype == DType::float16) {
        std::memcpy(one, "\x00\x3c", 2);
      } else {
        varve::Scalar(1).store(dtype, one);
      }
      for (std::int64_t diagonal = -9; diagonal <= 9; diagonal += 3) {
        std::vector<std::byte> memory(5 * 4 * bytes, std::byte{0xff});
        varve::kernels::fill_eye(diagonal, 7, 4, {memory.data(), dtype, Shape{5, 4}});
        for (std::int64_t r = 0; r < 5; ++r) {
          for (std::int64_t c = 0; c < 4; ++c) {
            std::byte expected[16] = {};
            if (c + 4 - (r + 7) == diagonal) std::memcpy(expected, one, bytes);
            REQUIRE(std::memcmp(memory.data() + static_cast<std::size_t>(r * 4 + c) * bytes, expected,
                                bytes) == 0);
          }
        }
      }
    }
  }
}
