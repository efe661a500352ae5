#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "api/positions.hpp"
#include "varve/creation.hpp"

using namespace varve;

namespace {

// Calls the generator behind a 1-D or 2-D array on one box and returns the values; T must be the dtype's
// type.
template <class T>
std::vector<T> generate(const Array& array, const Box& box) {
  REQUIRE(array.dtype() == dtype_of<T>());
  const auto* source = array.node()->as<expr::GeneratorSource>();
  REQUIRE(source != nullptr);
  std::vector<T> values(static_cast<std::size_t>(element_count(box.shape())));
  source->generator->fill(box, {reinterpret_cast<std::byte*>(values.data()), array.dtype(), box.shape()});
  return values;
}

template <class T>
std::vector<T> generate(const Array& array) {
  return generate<T>(array, Box(array.shape()));
}

template <class T>
T constant_of(const Array& array) {
  REQUIRE(array.dtype() == dtype_of<T>());
  const auto* source = array.node()->as<expr::ConstantSource>();
  REQUIRE(source != nullptr);
  T value{};
  std::memcpy(&value, source->element.data(), sizeof value);
  return value;
}

}  // namespace

TEST_CASE("full: the dtype follows the value unless given", "[api]") {
  CHECK(constant_of<bool>(full({2}, true)));
  CHECK(constant_of<std::int64_t>(full({2}, 3)) == 3);
  CHECK(constant_of<std::int64_t>(full({2}, 3U)) == 3);
  CHECK(constant_of<std::uint64_t>(full({2}, std::numeric_limits<std::uint64_t>::max())) ==
        ~std::uint64_t{0});
  CHECK(constant_of<double>(full({2}, 2.5)) == 2.5);
  CHECK(constant_of<std::complex<double>>(full({2}, std::complex<float>(1, 2))) ==
        std::complex<double>(1, 2));
  CHECK(constant_of<std::int16_t>(full({2}, -7, {.dtype = DType::int16})) == -7);
  CHECK(constant_of<double>(zeros({2, 3})) == 0);
  CHECK(constant_of<float>(ones({2, 3}, {.dtype = DType::float32})) == 1);
  CHECK_THROWS_AS(full({2}, 300, {.dtype = DType::int8}), DTypeError);
}

TEST_CASE("arange: length and values are those of NumPy", "[api]") {
  CHECK(generate<std::int64_t>(arange(5)) == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(generate<std::int64_t>(arange(2, 11, 3)) == std::vector<std::int64_t>{2, 5, 8});
  CHECK(generate<std::int64_t>(arange(5, 0, -2)) == std::vector<std::int64_t>{5, 3, 1});
  CHECK(generate<std::int64_t>(arange(1, 12, 5)) == std::vector<std::int64_t>{1, 6, 11});
  CHECK(arange(5, 0).shape() == Shape{0});
  CHECK(arange(3, 3, -1).shape() == Shape{0});
  CHECK(arange(0, 1, 0.1).shape() == Shape{10});
  CHECK(arange(0.0, 1.0000001, 0.1).shape() == Shape{11});
  CHECK(generate<double>(arange(1, 2, 0.25)) == std::vector<double>{1, 1.25, 1.5, 1.75});
  CHECK(generate<float>(arange(3, {.dtype = DType::float32})) == std::vector<float>{0, 1, 2});
  CHECK(generate<std::int16_t>(arange(0.5, 4, 1.5, {.dtype = DType::int16})) ==
        std::vector<std::int16_t>{0, 2, 4});
}

TEST_CASE("arange: large integers are exact", "[api]") {
  constexpr std::int64_t kLarge = (std::int64_t{1} << 62) + 1;
  CHECK(generate<std::int64_t>(arange(kLarge, kLarge + 3)) ==
        std::vector<std::int64_t>{kLarge, kLarge + 1, kLarge + 2});
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(generate<std::uint64_t>(arange(most - 2, most, 1, {.dtype = DType::uint64})) ==
        std::vector<std::uint64_t>{most - 2, most - 1});
  CHECK(
      arange(std::numeric_limits<std::int64_t>::min(), 0, std::numeric_limits<std::int64_t>::max()).shape() ==
      Shape{2});
}

TEST_CASE("arange: impossible progressions are refused", "[api]") {
  CHECK_THROWS_WITH(arange(0, 5, 0), Catch::Contains("arange(0, 5, 0): the step must not be zero"));
  CHECK_THROWS_AS(arange(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()),
                  ShapeError);
  CHECK_THROWS_AS(arange(0.0, 1e300), ShapeError);
  CHECK_THROWS_AS(arange(0.0, std::nan("")), ShapeError);
  CHECK_THROWS_AS(arange(std::complex<double>(1, 1)), Error);
}

TEST_CASE("linspace: the ends are exact", "[api]") {
  const std::vector<double> values = generate<double>(linspace(0.1, 0.7, 7));
  REQUIRE(values.size() == 7);
  CHECK(values.front() == 0.1);
  CHECK(values.back() == 0.7);
  CHECK(values[3] == Approx(0.4));
  CHECK(generate<double>(linspace(0, 1, 4, false)) == std::vector<double>{0, 0.25, 0.5, 0.75});
  CHECK(generate<double>(linspace(3, 9, 1)) == std::vector<double>{3});
  CHECK(linspace(3, 9, 0).shape() == Shape{0});
  CHECK(generate<double>(linspace(0.1, 0.7, 7), Box(Index{5}, Index{7})).back() == 0.7);
  CHECK(linspace(0, 9, 4, true, {.dtype = DType::int32}).dtype() == DType::int32);
  CHECK_THROWS_WITH(linspace(0, 1, -1), Catch::Contains("linspace: negative extent"));
}

TEST_CASE("eye: ones lie on the diagonal asked for", "[api]") {
  CHECK(generate<double>(eye(2)) == std::vector<double>{1, 0, 0, 1});
  CHECK(generate<std::int8_t>(eye(2, 3, 1, {.dtype = DType::int8})) ==
        std::vector<std::int8_t>{0, 1, 0, 0, 0, 1});
  CHECK(generate<double>(eye(4, 4, -1), Box(Index{2, 0}, Index{4, 3})) ==
        std::vector<double>{0, 1, 0, 0, 0, 1});
}

TEST_CASE("creation: equal parameters give equal expressions, functions never do", "[api]") {
  CHECK(arange(5).node()->hash == arange(0, 5, 1).node()->hash);
  CHECK(arange(5).node()->hash != arange(1, 6).node()->hash);
  CHECK(linspace(0, 1, 5).node()->hash == linspace(0, 1, 5).node()->hash);
  CHECK(linspace(0, 1, 5).node()->hash != linspace(0, 1, 5, false).node()->hash);
  CHECK(eye(3).node()->hash != eye(3, 3, 1).node()->hash);
  CHECK(test::opaque({3}).node()->hash != test::opaque({3}).node()->hash);
}

TEST_CASE("creation: chunks and shapes are checked", "[api]") {
  CHECK(zeros({10, 10}, {.chunks = Shape{3, 20}}).chunks().chunks() == Shape{3, 10});
  CHECK_THROWS_WITH(zeros({10}, {.chunks = Shape{3, 3}}),
                    Catch::Contains("chunks (3, 3) do not suit the shape (10,)"));
  CHECK_THROWS_AS(zeros({10}, {.chunks = Shape{0}}), ShapeError);
  CHECK_THROWS_AS(zeros({0, -1}), ShapeError);
  CHECK_THROWS_AS(zeros({std::int64_t{1} << 61}), ShapeError);
  CHECK_THROWS_AS(from_function({2}, DType::int8, nullptr), Error);
  CHECK_THROWS_AS(from_memory({nullptr, DType::int8, {2}}), Error);
}
