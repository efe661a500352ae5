#include <catch2/catch.hpp>

#include "api/positions.hpp"
#include "varve/elementwise.hpp"
#include "varve/reductions.hpp"

using namespace varve;
using varve::test::opaque;

namespace {

Array of(DType dtype) { return opaque({2, 3}, dtype); }

bool is_constant(const Array& x) { return x.node()->as<expr::ConstantSource>() != nullptr; }

struct Row {
  const char* expression;
  Array result;
  DType dtype;
};

}  // namespace

TEST_CASE("elementwise: dtypes follow the promotion rules", "[api]") {
  const std::vector<Row> rows = {
      {"int8 + int16", of(DType::int8) + of(DType::int16), DType::int16},
      {"uint8 + int8", of(DType::uint8) + of(DType::int8), DType::int16},
      {"int32 + 1", of(DType::int32) + 1, DType::int32},
      {"int32 + 1.5", of(DType::int32) + 1.5, DType::float64},
      {"float32 * 2.5", of(DType::float32) * 2.5, DType::float32},
      {"2.5 * float16", 2.5 * of(DType::float16), DType::float16},
      {"float32 + int32", of(DType::float32) + of(DType::int32), DType::float64},
      {"float64 + complex64", of(DType::float64) + of(DType::complex64), DType::complex128},
      {"int32 / int32", of(DType::int32) / of(DType::int32), DType::float64},
      {"float32 < 2", of(DType::float32) < 2, DType::boolean},
      {"!int8", !of(DType::int8), DType::boolean},
      {"abs complex64", abs(of(DType::complex64)), DType::float32},
      {"real complex128", real(of(DType::complex128)), DType::float64},
      {"clip int32 to halves", clip(of(DType::int32), 0.5, 2.5), DType::float64},
      {"clip above", clip(of(DType::int16), {}, 7), DType::int16},
      {"where", where(of(DType::boolean), of(DType::float32), 0), DType::float32},
      {"isclose", isclose(of(DType::uint8), of(DType::float32)), DType::boolean},
      {"nan_to_num float16", nan_to_num(of(DType::float16)), DType::float16},
      {"astype", astype(of(DType::float64), DType::uint8), DType::uint8},
      {"of a scalar", varve::abs(-3), DType::int64},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.expression) { CHECK(row.result.dtype() == row.dtype); }
  }
}

TEST_CASE("elementwise: what changes nothing returns its operand", "[api]") {
  const Array whole = of(DType::int32);
  for (const auto& function : {floor, ceil, trunc, round, conj, real, positive}) {
    CHECK(function(whole).node() == whole.node());
  }
  const Array natural = of(DType::uint16);
  CHECK(abs(natural).node() == natural.node());
  CHECK(nan_to_num(natural).node() == natural.node());
  CHECK(clip(natural).node() == natural.node());
  CHECK(astype(natural, DType::uint16).node() == natural.node());
  CHECK_THROWS_AS(positive(of(DType::boolean)), DTypeError);
}

TEST_CASE("elementwise: answers known beforehand are constants", "[api]") {
  const Array bytes = of(DType::uint8);
  for (const Array& known : {isnan(bytes), isinf(bytes), isfinite(bytes), signbit(bytes), bytes == 256,
                             bytes<-1, 300> bytes, bytes != -5, imag(bytes)}) {
    CHECK(is_constant(known));
    CHECK(known.shape() == bytes.shape());
  }
  const auto truth = [](const Array& x) {
    return x.node()->as<expr::ConstantSource>()->element[0] == std::byte{1};
  };
  CHECK(truth(isfinite(bytes)));
  CHECK_FALSE(truth(isnan(bytes)));
  CHECK(truth(bytes < 256));
  CHECK(truth(bytes <= 256));
  CHECK(truth(bytes > -1));
  CHECK(truth(-1 < bytes));
  CHECK(truth(256 >= bytes));
  CHECK(truth(bytes != 256));
  CHECK_FALSE(truth(bytes == -1));
  CHECK_FALSE(truth(bytes >= 256));
  CHECK_FALSE(truth(256 < bytes));
  CHECK_FALSE(is_constant(bytes < 255));
}

TEST_CASE("elementwise: errors name the operation and the operands", "[api]") {
  CHECK_THROWS_WITH(opaque({2}) + opaque({3}),
                    Catch::Contains("add") && Catch::Contains("(2,)") && Catch::Contains("(3,)"));
  CHECK_THROWS_WITH(bitwise_and(of(DType::float32), 1),
                    Catch::Contains("bitwise_and is not defined for float32"));
  CHECK_THROWS_AS(where(of(DType::int8), 1, 2), DTypeError);
  CHECK_THROWS_AS(of(DType::int8) + 300, DTypeError);
  CHECK_THROWS_WITH(pow(of(DType::int8), -1), Catch::Contains("pow: integers have no negative powers"));
}

TEST_CASE("reductions: shapes and dtypes", "[api]") {
  const Array x = opaque({2, 3, 4}, DType::int16);
  CHECK(sum(x).shape() == Shape{});
  CHECK(sum(x).dtype() == DType::int64);
  CHECK(sum(x, {.axis = {0, -1}}).shape() == Shape{3});
  CHECK(sum(x, {.axis = 1, .keepdims = true}).shape() == Shape{2, 1, 4});
  CHECK(sum(x, {.dtype = DType::float32}).dtype() == DType::float32);
  CHECK(mean(x, {.axis = 0}).dtype() == DType::float64);
  CHECK(argmax(x).shape() == Shape{});
  CHECK(argmax(x, {.keepdims = true}).shape() == Shape{1, 1, 1});
  CHECK(argmin(x, {.axis = -2}).shape() == Shape{2, 4});
  CHECK(argmin(x, {.axis = -2, .keepdims = true}).dtype() == DType::int64);
  CHECK(any(x, {.axis = 0}).dtype() == DType::boolean);
  CHECK(nanmin(x).dtype() == DType::int16);
  CHECK(nancount(x, {.axis = 2}).shape() == Shape{2, 3});
  CHECK(stddev(opaque({2}, DType::float32), {.correction = 1}).dtype() == DType::float32);
}

TEST_CASE("reductions: errors name the operation", "[api]") {
  const Array x = opaque({2, 0});
  CHECK_THROWS_WITH(sum(x, {.axis = 2}), Catch::Contains("sum: axis 2 is out of range"));
  CHECK_THROWS_WITH(sum(x, {.axis = {0, 0}}), Catch::Contains("sum: an axis is repeated"));
  CHECK_THROWS_WITH(max(x), Catch::Contains("max: nothing to reduce"));
  CHECK_THROWS_WITH(argmin(x, {.axis = 1}), Catch::Contains("argmin: nothing to reduce"));
  CHECK(max(x, {.axis = 0}).shape() == Shape{0});
}
