#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/temporary_directory.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

dense::Dense numbers(const Shape& shape, std::uint64_t seed, DType dtype = DType::float64) {
  std::mt19937_64 random(seed);
  return random_values(dtype, shape, {.low = -8, .high = 8, .quarters = true}, random);
}

double& value(std::byte* address) { return *reinterpret_cast<double*>(address); }
double value(const std::byte* address) { return *reinterpret_cast<const double*>(address); }

void add_numbers(std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
  for_each_element(
      [](std::byte* sum, const std::byte* x, const std::byte* y) { value(sum) = value(x) + value(y); }, out,
      inputs[0], inputs[1]);
}

double sum_of(const ConstStridedView& view) {
  double sum = 0;
  for_each_element([&](const std::byte* x) { sum += value(x); }, view);
  return sum;
}

}  // namespace

TEST_CASE("map_blocks: whole blocks of inputs that are broadcast, for any box of the result", "[ops]") {
  const dense::Dense x = numbers({7, 11}, 1);
  const dense::Dense y = numbers({11}, 2);
  const dense::Dense expected = dense::elementwise("add", {x, dense::broadcast_to(y, {7, 11})});
  const Array result = map_blocks({chunked(x, {3, 4}), chunked(y, {5})}, add_numbers);
  require_matches(result, expected);
  require_matches(map_blocks({chunked(y, {5}), chunked(x, {3, 4})}, add_numbers, {.chunks = Shape{2, 9}}),
                  expected);
  require_matches(result(Slice{1, 6}, Slice{{}, {}, -2}),
                  dense::index(expected, {Slice{1, 6}, Slice{{}, {}, -2}}));
  require_matches(map_blocks({chunked(dense::Dense(DType::float64, {0, 4}), {1, 1})},
                             [](std::span<const ConstStridedView>, const StridedView&, const Block&) {}),
                  dense::Dense(DType::float64, {0, 4}));
}

TEST_CASE("map_blocks: each block is told its place, and gives a result of another size and dtype", "[ops]") {
  const dense::Dense x = numbers({7, 11}, 3);
  const Array counts =
      map_blocks({chunked(x, {3, 4})},
                 [](std::span<const ConstStridedView> inputs, const StridedView& out, const Block& block) {
                   auto* numbers = reinterpret_cast<std::int64_t*>(out.data);
                   numbers[0] = element_count(inputs[0].shape);
                   *reinterpret_cast<std::int64_t*>(out.data + out.byte_strides[1]) =
                       block.index[0] * 100 + block.index[1];
                   if (block.workspace.size() != 24) throw std::logic_error("workspace");
                   if (block.box.lo[1] != 2 * block.index[1] || block.box.hi[0] != block.index[0] + 1)
                     throw std::logic_error("place");
                 },
                 {.dtype = DType::int64, .result_block = Shape{1, 2}, .workspace_bytes = 24});
  dense::Dense expected(DType::int64, {3, 6});
  dense::for_each_index(expected.shape, [&](const Index& at) {
    const std::int64_t rows = at[0] == 2 ? 1 : 3;
    const std::int64_t columns = at[1] / 2 == 2 ? 3 : 4;
    expected.at(at) = static_cast<dense::Real>(at[1] % 2 == 0 ? rows * columns : at[0] * 100 + at[1] / 2);
  });
  require_matches(counts, expected);
}

TEST_CASE("map_blocks: an input of one chunk is decoded once, not for every block", "[ops]") {
  const TemporaryDirectory directory;
  save(random::uniform({64, 4096}, 0, 1, {.seed = 1}), directory / "x.zarr",
       {.chunks = Shape{4, 4096}, .codec = "gzip:1"});
  save(random::uniform({1, 4096}, 0, 1, {.seed = 2}), directory / "w.zarr", {.codec = "gzip:1"});
  const auto first = [](std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
    for_each_element([](std::byte* to, const std::byte* from) { std::copy_n(from, 8, to); }, out, inputs[0]);
  };
  const Array mapped = map_blocks({open(directory / "x.zarr"), open(directory / "w.zarr")}, first);
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::int64_t planned = nlohmann::json::parse(explain(mapped).json)["bytes_read"];
  CHECK(std::abs(run({{mapped}}).report.bytes_read - planned) <= planned / 20);
}

TEST_CASE("map_blocks: what a function throws names the block and holds the exception", "[ops]") {
  const Array failing =
      map_blocks({chunked(numbers({7, 11}, 4), {3, 4})},
                 [](std::span<const ConstStridedView>, const StridedView&, const Block& block) {
                   if (block.index == ChunkIndex{1, 2}) throw std::out_of_range("too far");
                 });
  try {
    (void)compute(failing);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const char* part : {"map_blocks", "(1, 2)", "[3:6, 8:11]", "too far"}) {
      INFO(message);
      CHECK(message.find(part) != std::string::npos);
    }
    CHECK_THROWS_AS(std::rethrow_if_nested(error), std::out_of_range);
  }
}

TEST_CASE("map_blocks: functions count as equal only if they are named alike", "[ops]") {
  const Array x = in_memory(numbers({4}, 5));
  const auto constant = [&](double number, const std::string& name) {
    return map_blocks({x},
                      [number](std::span<const ConstStridedView>, const StridedView& out, const Block&) {
                        for_each_element([&](std::byte* at) { value(at) = number; }, out);
                      },
                      {.identity = name});
  };
  const dense::Dense difference = dense::from_view(compute(constant(5, "") - constant(3, "")).view());
  CHECK(difference.values[0] == dense::Number(2));
}

TEST_CASE("apply_gufunc: loop axes broadcast, core axes come whole", "[ops]") {
  const dense::Dense x = numbers({5, 3, 6}, 6);
  const dense::Dense y = numbers({3, 6}, 7);
  const auto inner = [](std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
    // Views are (5-ish, 3-ish, 6).
    Shape loop = out.shape;
    Index at(2, 0);
    do {
      double sum = 0;
      for (std::int64_t i = 0; i < inputs[0].shape[2]; ++i) {
        sum +=
            value(element_at(inputs[0], {at[0], at[1], i})) * value(element_at(inputs[1], {at[0], at[1], i}));
      }
      value(element_at(out, at)) = sum;
    } while (next_index(at, loop));
  };
  const dense::Dense expected = dense::reduce(
      "sum", dense::elementwise("multiply", {x, dense::broadcast_to(y, x.shape)}), {.axes = {{2}}});
  require_matches(apply_gufunc("(i), (i) -> ()", {chunked(x, {2, 2, 4}), chunked(y, {1, 5})}, inner),
                  expected);
  require_matches(apply_gufunc("(i),(i)->()", {chunked(x, {2, 2, 4}), chunked(y, {1, 5})}, inner,
                               {.chunks = Shape{2, 2}}),
                  expected);
}

TEST_CASE("apply_gufunc: core axes of the result may be new", "[ops]") {
  const dense::Dense x = numbers({5, 4}, 8);
  const Array powers =
      apply_gufunc("(i)->(i,p)", {chunked(x, {2, 3})},
                   [](std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
                     for (std::int64_t row = 0; row < out.shape[0]; ++row) {
                       for (std::int64_t i = 0; i < out.shape[1]; ++i) {
                         for (std::int64_t p = 0; p < out.shape[2]; ++p) {
                           value(element_at(out, {row, i, p})) =
                               std::pow(value(element_at(inputs[0], {row, i})), static_cast<double>(p));
                         }
                       }
                     }
                   },
                   {.sizes = {{"p", 3}}});
  dense::Dense expected(DType::float64, {5, 4, 3});
  dense::for_each_index(expected.shape, [&](const Index& at) {
    expected.at(at) = std::pow(static_cast<double>(x.at({at[0], at[1]}).real()), static_cast<double>(at[2]));
  });
  require_matches(powers, expected);
  require_matches(powers(Slice{1, 4}, Slice{2, {}}, 1),
                  dense::index(expected, {Slice{1, 4}, Slice{2, {}}, 1}));
}

TEST_CASE("reduction: blocks are folded in C order, whatever runs when", "[ops]") {
  const dense::Dense x = numbers({37, 5, 9}, 9);
  // The state is (sum, number of blocks): order does not matter to the first, and the second is the shape of
  // the tree.
  const BlockReduction functions{
      [](const ConstStridedView& values, const StridedView& state, const Block&) {
        for (std::int64_t column = 0; column < state.shape[0]; ++column) {
          Box one(values.shape);
          one.lo[1] = column;
          one.hi[1] = column + 1;
          value(element_at(state, {column, 0})) = sum_of(values.sub(one));
          value(element_at(state, {column, 1})) = 1;
        }
      },
      [](const ConstStridedView& later, const StridedView& state) {
        for_each_element([](std::byte* into, const std::byte* from) { value(into) += value(from); }, state,
                         later);
      },
      [](const ConstStridedView& state, const StridedView& out) {
        for (std::int64_t column = 0; column < out.shape[0]; ++column) {
          value(element_at(out, {column})) =
              value(element_at(state, {column, 0})) * 1000 + value(element_at(state, {column, 1}));
        }
      }};
  dense::Dense expected = dense::reduce("sum", x, {.axes = {{0, 2}}});
  for (dense::Number& number : expected.values) number = number * dense::Real(1000) + dense::Real(37 * 3);
  const Array lazy = chunked(x, {1, 2, 4});
  require_matches(reduction(lazy, functions, {.axis = {0, 2}, .state_size = 2}), expected);
  require_matches(reduction(lazy, functions, {.axis = {0, 2}, .state_size = 2, .keepdims = true}),
                  dense::reshape(expected, {1, 5, 1}));
}

TEST_CASE("reduction: the last element of all, by a state of one element", "[ops]") {
  const dense::Dense x = numbers({19, 7}, 10);
  const BlockReduction last{
      [](const ConstStridedView& values, const StridedView& state, const Block&) {
        Index at(2, 0);
        for (std::int64_t axis = 0; axis < 2; ++axis) at[axis] = values.shape[axis] - 1;
        value(state.data) = value(element_at(values, at));
      },
      [](const ConstStridedView& later, const StridedView& state) { value(state.data) = value(later.data); },
      {}};
  require_matches(reduction(chunked(x, {2, 3}), last), dense::index(x, {18, 6}));
}

TEST_CASE("blocks: arguments that do not fit are refused", "[ops]") {
  const Array x = zeros({3, 4});
  const BlockFunction nothing = [](std::span<const ConstStridedView>, const StridedView&, const Block&) {};
  CHECK_THROWS_AS(map_blocks({}, nothing), ShapeError);
  CHECK_THROWS_AS(map_blocks({x}, {}), Error);
  CHECK_THROWS_AS(map_blocks({x, zeros({3})}, nothing), ShapeError);
  CHECK_THROWS_AS(map_blocks({x}, nothing, {.chunks = Shape{3}}), ShapeError);
  CHECK_THROWS_AS(map_blocks({x}, nothing, {.result_block = Shape{0, 1}}), ShapeError);
  CHECK_THROWS_AS(apply_gufunc("(i)", {x}, nothing), ExpressionError);
  CHECK_THROWS_AS(apply_gufunc("(i),->()", {x}, nothing), ExpressionError);
  CHECK_THROWS_AS(apply_gufunc("(i)->(),()", {x}, nothing), ExpressionError);
  CHECK_THROWS_AS(apply_gufunc("(i),(i)->()", {x}, nothing), ShapeError);
  CHECK_THROWS_AS(apply_gufunc("(i),(i)->()", {x, zeros({3})}, nothing), ShapeError);
  CHECK_THROWS_AS(apply_gufunc("(i)->(k)", {x}, nothing), ShapeError);
  CHECK_THROWS_AS(apply_gufunc("(i,j,k)->()", {x}, nothing), ShapeError);
  CHECK_THROWS_AS(reduction(x, {}, {.axis = 2}), Error);
}
