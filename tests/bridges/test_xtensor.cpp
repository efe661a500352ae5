#include <catch2/catch.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"
#include "varve/reductions.hpp"
#include "varve/xtensor.hpp"

namespace varve {
namespace {

template <class E>
const void* address(const E& container) {
  return container.data();
}

TEST_CASE("from_xtensor: a named container is viewed, not copied", "[bridges]") {
  xt::xarray<double> x = {{1, 2, 3}, {4, 5, 6}};
  const Array array = from_xtensor(x);
  CHECK(array.in_memory());
  CHECK(array.shape() == Shape{2, 3});
  CHECK(array.dtype() == DType::float64);
  CHECK(static_cast<const void*>(array.view().data) == address(x));
  x(0, 0) = 10;
  CHECK(item<double>(sum(array)) == 30);
}

TEST_CASE("from_xtensor: a temporary container is moved and owned", "[bridges]") {
  xt::xarray<float> x = xt::arange<float>(0, 1000);
  const void* memory = address(x);
  const Array array = from_xtensor(std::move(x));
  CHECK(static_cast<const void*>(array.view().data) == memory);
  CHECK(item<float>(max(array)) == 999);
}

TEST_CASE("from_xtensor: every layout and container type gives the same array", "[bridges]") {
  const xt::xtensor<std::int32_t, 3> reference = xt::arange<std::int32_t>(0, 24).reshape({2, 3, 4});
  const xt::xarray<std::int32_t, xt::layout_type::column_major> columns = reference;
  xt::xarray<std::int32_t, xt::layout_type::dynamic> dynamic(std::vector<std::size_t>{2, 3, 4},
                                                             xt::layout_type::column_major);
  dynamic = reference;
  const xt::xtensor_fixed<std::int32_t, xt::xshape<2, 3, 4>> fixed = reference;
  const Array expected = from_xtensor(reference) * 2 + 1;
  for (const Array& array : {from_xtensor(columns), from_xtensor(dynamic), from_xtensor(fixed)}) {
    CHECK(array.shape() == Shape{2, 3, 4});
    CHECK(item<bool>(all(array * 2 + 1 == expected)));
  }
  CHECK(from_xtensor(columns).view().byte_strides == ByteStrides{4, 8, 24});
}

TEST_CASE("from_xtensor: expressions and views are evaluated at once", "[bridges]") {
  const xt::xarray<double> x = xt::arange<double>(0, 12).reshape({3, 4});
  const Array doubled = from_xtensor(x * 2.0 + 1.0);
  CHECK((to_xtensor<double>(doubled) == xt::xarray<double>(x * 2.0 + 1.0)));
  const auto part = xt::view(x, xt::range(0, 3, 2), xt::all());
  CHECK((to_xtensor<double>(from_xtensor(part)) == xt::xarray<double>(part)));
  CHECK((to_xtensor<double>(from_xtensor(xt::ones<double>({2, 2}))) ==
         xt::xarray<double>(xt::ones<double>({2, 2}))));
}

TEST_CASE("from_xtensor: adaptors leave the memory to the caller", "[bridges]") {
  std::vector<std::uint16_t> memory = {1, 2, 3, 4, 5, 6};
  const auto adaptor = xt::adapt(memory, std::vector<std::size_t>{3, 2});
  const Array array = from_xtensor(adaptor);
  CHECK(static_cast<const void*>(array.view().data) == memory.data());
  CHECK(item<std::uint64_t>(sum(array)) == 21);
}

TEST_CASE("from_xtensor, to_xtensor: every element type goes there and back", "[bridges]") {
  const auto check = [](const auto& x) {
    using T = typename std::decay_t<decltype(x)>::value_type;
    CHECK(from_xtensor(x).dtype() == dtype_of<T>());
    CHECK((to_xtensor<T>(from_xtensor(x)) == x));
  };
  check(xt::xarray<bool>{true, false, true});
  check(xt::xarray<std::int8_t>{-1, 2});
  check(xt::xarray<std::uint64_t>{1, 18446744073709551615U});
  check(xt::xarray<float>{0.5F, -2});
  check(xt::xarray<std::complex<float>>(xt::ones<std::complex<float>>({3}) * std::complex<float>(1, -2)));
  check(
      xt::xarray<std::complex<double>>(xt::ones<std::complex<double>>({2, 2}) * std::complex<double>(0, 3)));
}

TEST_CASE("to_xtensor: computes, keeps the shape and fills any layout", "[bridges]") {
  const xt::xarray<double> x = xt::arange<double>(0, 24).reshape({2, 3, 4});
  const Array lazy = permute_dims(from_xtensor(x), {2, 0, 1}) + 0.5;
  const auto rows = to_xtensor<double>(lazy);
  const auto columns = to_xtensor<double, xt::layout_type::column_major>(lazy);
  CHECK((rows == xt::xarray<double>(xt::transpose(x, {2, 0, 1}) + 0.5)));
  CHECK((rows == columns));
  CHECK(to_xtensor<double>(sum(lazy)).dimension() == 0);
  CHECK(to_xtensor<double>(lazy(Slice{0, 0})).size() == 0);
}

TEST_CASE("to_xtensor: another element type is refused", "[bridges]") {
  const Array x = zeros({2});
  CHECK_THROWS_AS(to_xtensor<float>(x), DTypeError);
  CHECK_THROWS_WITH(to_xtensor<float>(x), Catch::Contains("float64") && Catch::Contains("astype"));
}

TEST_CASE("to_xtensor: computes with the runtime that it is given", "[bridges]") {
  Runtime roomy({.memory = 64 << 20, .threads = 1});
  const Runtime tiny({.memory = 1000, .threads = 1});
  const Array x = from_xtensor(xt::xarray<double>{{1, 2}, {3, 4}}) * 2.0;
  CHECK_THROWS_AS(to_xtensor<double>(x), BudgetError);
  CHECK((to_xtensor<double>(roomy, x) == xt::xarray<double>{{2, 4}, {6, 8}}));
}

}  // namespace
}  // namespace varve
