#include <catch2/catch.hpp>
#include <functional>

#include "api/positions.hpp"
#include "varve/manipulation.hpp"

using namespace varve;
using varve::test::opaque;
using varve::test::positions_in;

namespace {

// The C-order positions in `source` that a formula gives for each coordinate of a result of shape `shape`.
std::vector<std::int64_t> by_formula(const Shape& source, const Shape& shape,
                                     const std::function<Index(const Index&)>& formula) {
  std::vector<std::int64_t> result;
  if (element_count(shape) == 0) return result;
  Index out(shape.size(), 0);
  do {
    const Index in = formula(out);
    std::int64_t position = 0;
    for (std::int64_t axis = 0; axis < source.size(); ++axis) position = position * source[axis] + in[axis];
    result.push_back(position);
  } while (next_index(out, shape));
  return result;
}

struct Case {
  const char* name;
  std::function<Array(const Array&)> function;
  Shape shape;  // of the result, for the source shape (2, 3, 4)
  std::function<Index(const Index&)> formula;
};

}  // namespace

TEST_CASE("manipulation: views show the elements that their formulas name", "[api]") {
  const Shape source{2, 3, 4};
  const std::vector<Case> cases = {
      {"permute_dims",
       [](const Array& x) {
         return permute_dims(x, {2, 0, -2});
       },
       {4, 2, 3},
       [](const Index& i) {
         return Index{i[1], i[2], i[0]};
       }},
      {"matrix_transpose",
       [](const Array& x) { return matrix_transpose(x); },
       {2, 4, 3},
       [](const Index& i) {
         return Index{i[0], i[2], i[1]};
       }},
      {"moveaxis",
       [](const Array& x) { return moveaxis(x, {0}, {-1}); },
       {3, 4, 2},
       [](const Index& i) {
         return Index{i[2], i[0], i[1]};
       }},
      {"moveaxis of two",
       [](const Array& x) {
         return moveaxis(x, {2, 0}, {0, 1});
       },
       {4, 2, 3},
       [](const Index& i) {
         return Index{i[1], i[2], i[0]};
       }},
      {"swapaxes",
       [](const Array& x) { return swapaxes(x, 0, -1); },
       {4, 3, 2},
       [](const Index& i) {
         return Index{i[2], i[1], i[0]};
       }},
      {"flip all",
       [](const Array& x) { return flip(x); },
       {2, 3, 4},
       [](const Index& i) {
         return Index{1 - i[0], 2 - i[1], 3 - i[2]};
       }},
      {"flip one",
       [](const Array& x) { return flip(x, -1); },
       {2, 3, 4},
       [](const Index& i) {
         return Index{i[0], i[1], 3 - i[2]};
       }},
      {"rot90",
       [](const Array& x) { return rot90(x); },
       {3, 2, 4},
       [](const Index& i) {
         return Index{i[1], 2 - i[0], i[2]};
       }},
      {"rot90 twice",
       [](const Array& x) {
         return rot90(x, -2, {1, 2});
       },
       {2, 3, 4},
       [](const Index& i) {
         return Index{i[0], 2 - i[1], 3 - i[2]};
       }},
      {"rot90 three times",
       [](const Array& x) { return rot90(x, 3); },
       {3, 2, 4},
       [](const Index& i) {
         return Index{1 - i[1], i[0], i[2]};
       }},
      {"expand_dims",
       [](const Array& x) { return expand_dims(x, -2); },
       {2, 3, 1, 4},
       [](const Index& i) {
         return Index{i[0], i[1], i[3]};
       }},
      {"squeeze",
       [](const Array& x) { return squeeze(expand_dims(expand_dims(x, 1), 0)); },
       {2, 3, 4},
       [](const Index& i) { return i; }},
      {"broadcast_to",
       [](const Array& x) {
         return broadcast_to(x, {5, 2, 3, 4});
       },
       {5, 2, 3, 4},
       [](const Index& i) {
         return Index{i[1], i[2], i[3]};
       }},
      {"diagonal",
       [](const Array& x) { return diagonal(x); },
       {4, 2},
       [](const Index& i) {
         return Index{i[1], i[1], i[0]};
       }},
      {"diagonal above",
       [](const Array& x) { return diagonal(x, 2, 1, 2); },
       {2, 2},
       [](const Index& i) {
         return Index{i[0], i[1], i[1] + 2};
       }},
      {"diagonal below",
       [](const Array& x) { return diagonal(x, -1, 1, 2); },
       {2, 2},
       [](const Index& i) {
         return Index{i[0], i[1] + 1, i[1]};
       }},
      {"diagonal outside",
       [](const Array& x) { return diagonal(x, 99); },
       {4, 0},
       [](const Index& i) { return i; }},
      {"take",
       [](const Array& x) {
         return take(x, {3, -4, 3}, 2);
       },
       {2, 3, 3},
       [](const Index& i) {
         return Index{i[0], i[1], i[2] == 1 ? 0 : 3};
       }},
      {"take one",
       [](const Array& x) { return take(x, {-1}, 0); },
       {1, 3, 4},
       [](const Index& i) {
         return Index{1, i[1], i[2]};
       }},
      {"take none",
       [](const Array& x) { return take(x, {}, 0); },
       {0, 3, 4},
       [](const Index& i) { return i; }},
  };
  for (const Case& row : cases) {
    DYNAMIC_SECTION(row.name) {
      const Array x = opaque(source, DType::int16);
      const Array result = row.function(x);
      REQUIRE(result.shape() == row.shape);
      CHECK(result.dtype() == DType::int16);
      CHECK(positions_in(x, result) == by_formula(source, row.shape, row.formula));
    }
  }
}

TEST_CASE("manipulation: doing nothing gives the same array", "[api]") {
  const Array x = opaque({2, 3});
  CHECK(permute_dims(x, {0, 1}).node() == x.node());
  CHECK(flip(flip(x)).node()->hash == x.node()->hash);
  CHECK(rot90(x, 4).node() == x.node());
  CHECK(squeeze(x).node() == x.node());
  CHECK(broadcast_to(x, {2, 3}).node() == x.node());
}

TEST_CASE("manipulation: arrays broadcast to their common shape", "[api]") {
  const std::vector<Array> arrays = broadcast_arrays({opaque({3, 1}), opaque({4}), opaque({})});
  REQUIRE(arrays.size() == 3);
  for (const Array& array : arrays) CHECK(array.shape() == Shape{3, 4});
  CHECK(broadcast_arrays({}).empty());
}

TEST_CASE("manipulation: errors name operation and shape", "[api]") {
  const Array x = opaque({2, 3});
  CHECK_THROWS_WITH(permute_dims(x, {0}), Catch::Contains("permute_dims") && Catch::Contains("(2, 3)"));
  CHECK_THROWS_WITH(permute_dims(x, {0, 0}), Catch::Contains("permute_dims: axis 0 is repeated"));
  CHECK_THROWS_WITH(flip(x, 2), Catch::Contains("flip: axis 2 is out of range"));
  CHECK_THROWS_WITH(moveaxis(x, {0, 1}, {0}), Catch::Contains("moveaxis: 2 source and 1 destination"));
  CHECK_THROWS_WITH(squeeze(x, 1), Catch::Contains("squeeze: axis 1 of the shape (2, 3)"));
  CHECK_THROWS_WITH(broadcast_to(x, {2, 2}), Catch::Contains("broadcast_to"));
  CHECK_THROWS_WITH(broadcast_to(x, {3}), Catch::Contains("(2, 3) does not broadcast to (3,)"));
  CHECK_THROWS_WITH(broadcast_to(opaque({2}), {1}), Catch::Contains("(2,) does not broadcast to (1,)"));
  CHECK_THROWS_WITH(diagonal(opaque({3})), Catch::Contains("diagonal: needs two axes"));
  CHECK_THROWS_WITH(matrix_transpose(opaque({3})), Catch::Contains("matrix_transpose: needs two axes"));
  CHECK_THROWS_WITH(rot90(x, 1, {0}), Catch::Contains("rot90: needs two axes, got 1"));
  CHECK_THROWS_AS(take(x, {3}, 1), IndexError);
  CHECK_THROWS_WITH(take(x, {3}, 1),
                    Catch::Contains("take: index 3 is out of bounds for axis 1 with extent 3"));
  CHECK_THROWS_AS(expand_dims(x, 4), ShapeError);
}
