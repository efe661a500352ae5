#include <catch2/catch.hpp>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// Two arrays of float32, cut differently, and what stands where after they are joined along axis 1.
struct Joined {
  dense::Dense left = values_of(1, {4, 5, 3});
  dense::Dense right = values_of(2, {4, 8, 3});
  dense::Dense both{DType::float32, {4, 13, 3}};

  Joined() {
    dense::for_each_index(both.shape, [&](Index index) {
      const Index target = index;
      const bool in_left = index[1] < 5;
      if (!in_left) index[1] -= 5;
      both.at(target) = (in_left ? left : right).at(index);
    });
  }

  static dense::Dense values_of(std::uint64_t seed, const Shape& shape) {
    std::mt19937_64 random(seed);
    return random_values(DType::float32, shape, {.specials = false, .quarters = true}, random);
  }
  [[nodiscard]] Array array() const {
    return concat({chunked(left, {3, 2, 3}), chunked(right, {4, 3, 1})}, 1);
  }
};

dense::Dense hstack_of(const dense::Dense& left, const dense::Dense& right) {
  dense::Dense both{left.dtype, {left.size() + right.size()}};
  std::copy(left.values.begin(), left.values.end(), both.values.begin());
  std::copy(right.values.begin(), right.values.end(), both.values.begin() + left.size());
  return both;
}

}  // namespace

TEST_CASE("concat: the elements of each array follow those of the one before", "[ops]") {
  const Joined joined;
  require_matches(joined.array(), joined.both);
  require_matches(concat({chunked(joined.left, {1, 1, 1})}, -2), joined.left);
}

TEST_CASE("concat: without an axis, the elements of all in C order", "[ops]") {
  const Joined joined;
  const Array lazy = concat(
      {chunked(joined.left, {3, 2, 3}), chunked(joined.right, {4, 3, 1}), full({}, 7.5F)}, std::nullopt);
  dense::Dense expected{DType::float32, {60 + 96 + 1}};
  std::copy(joined.left.values.begin(), joined.left.values.end(), expected.values.begin());
  std::copy(joined.right.values.begin(), joined.right.values.end(), expected.values.begin() + 60);
  expected.values.back() = 7.5;
  require_matches(astype(lazy, DType::float32), expected);
}

TEST_CASE("concat: fuses with what comes before and after it", "[ops]") {
  const Joined joined;
  require_matches(-permute_dims(joined.array(), {2, 0, 1}),
                  dense::elementwise("negative", {dense::permute(joined.both, {2, 0, 1})}));
  require_matches(joined.array()(Ellipsis{}, Slice{11, 2, -2}, Slice{}),
                  dense::index(joined.both, {Ellipsis{}, Slice{11, 2, -2}, Slice{}}));
  require_matches(sum(joined.array(), {.axis = 1}), dense::reduce("sum", joined.both, {.axes = {{1}}}),
                  {.ulps = 1});
  require_matches(concat({joined.array(), joined.array()}, 0)(Slice{4, {}}), joined.both);
}

TEST_CASE("stack, hstack, vstack: join along new, second and first axes", "[ops]") {
  const Joined joined;
  const dense::Dense& x = joined.left;
  const Array lazy = chunked(x, {3, 2, 3});
  dense::Dense layers{DType::float32, {4, 5, 2, 3}};
  dense::for_each_index(layers.shape, [&](const Index& index) {
    layers.at(index) = x.at({index[0], index[1], index[3]});
  });
  require_matches(stack({lazy, in_memory(x)}, -2), layers);
  require_matches(hstack({lazy, chunked(joined.right, {4, 3, 1})}), joined.both);
  const dense::Dense row = dense::index(x, {0, 0});
  require_matches(vstack({lazy(0), lazy(0, 0)(newaxis)}),
                  dense::index(x, {0, std::vector<std::int64_t>{0, 1, 2, 3, 4, 0}}));
  require_matches(vstack({lazy(0, 0), lazy(0, 0)}), dense::broadcast_to(row, {2, 3}));
  require_matches(hstack({lazy(0, 0), lazy(1, 1, 1)}), hstack_of(row, dense::index(x, {1, 1, 1})));
  CHECK_THROWS_AS(stack({lazy, lazy(0)}), ShapeError);
  CHECK_THROWS_AS(stack({}), ShapeError);
  CHECK_THROWS_AS(hstack({}), ShapeError);
}

TEST_CASE("concat: refuses arrays that do not fit", "[ops]") {
  const Array x = zeros({2, 3});
  CHECK_THROWS_AS(concat({}), ShapeError);
  CHECK_THROWS_AS(concat({x, zeros({2, 4})}), ShapeError);
  CHECK_THROWS_AS(concat({x, zeros({2, 3, 1})}), ShapeError);
  CHECK_THROWS_AS(concat({x, x}, 2), ShapeError);
}
