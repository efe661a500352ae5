#include <catch2/catch.hpp>

#include "expr/equality.hpp"
#include "support/numbers.hpp"

namespace varve::test {
namespace {

using namespace expr;

NodePtr numbers(const Shape& shape, std::uint64_t identity) {
  return make_generator(shape, DType::float64, ChunkGrid(shape, shape), std::make_shared<Numbers>(identity));
}

// Another node that claims the same hash.
NodePtr colliding(const NodePtr& node, const NodePtr& with) {
  Node copy = *node;
  copy.hash = with->hash;
  return std::make_shared<const Node>(std::move(copy));
}

NodePtr negative(const NodePtr& x) {
  return make_elementwise(kernels::ElementwiseOp::negative, x->dtype, x->dtype, {x});
}

TEST_CASE("equality: expressions made alike are equal, whatever their nodes are", "[expr]") {
  CHECK(are_equal(*negative(numbers({3}, 1)), *negative(numbers({3}, 1))));
  CHECK_FALSE(are_equal(*negative(numbers({3}, 1)), *negative(numbers({3}, 2))));
}

TEST_CASE("equality: expressions of one hash are equal only if every node is", "[expr]") {
  const NodePtr x = numbers({3, 3}, 1), y = numbers({3, 3}, 2);
  const IndexMap transposed({3, 3}, {{1, 0, 1, nullptr}, {0, 0, 1, nullptr}});
  const NodePtr bases[] = {x,
                           y,
                           numbers({9}, 1),
                           negative(x),
                           negative(y),
                           make_cast(x, DType::float32),
                           make_view(x, transposed),
                           make_reduce(kernels::ReduceOp::sum, DType::float64, x, {0}, 0),
                           make_reduce(kernels::ReduceOp::sum, DType::float64, x, {1}, 0),
                           make_reduce(kernels::ReduceOp::var, DType::float64, x, {0}, 0),
                           make_reduce(kernels::ReduceOp::var, DType::float64, x, {0}, 1),
                           make_constant({3, 3}, DType::float64, 1, ChunkGrid({3, 3}, {3, 3})),
                           make_constant({3, 3}, DType::float64, 2, ChunkGrid({3, 3}, {3, 3})),
                           make_materialised(negative(x))};
  for (const NodePtr& left : bases) {
    for (const NodePtr& right : bases) {
      INFO(&left - bases << " and " << &right - bases);
      CHECK(are_equal(*left, *colliding(right, left)) == (&left == &right));
    }
  }
}

TEST_CASE("equality: a hash that collides deep inside is found out", "[expr]") {
  const NodePtr x = numbers({3}, 1);
  const NodePtr y = colliding(numbers({3}, 2), x);
  CHECK(negative(x)->hash == negative(y)->hash);
  CHECK_FALSE(are_equal(*negative(x), *negative(y)));
}

TEST_CASE("equality: sums of what is chunked differently are different", "[expr]") {
  const NodePtr x = numbers({8}, 1);
  const auto sum_of = [](const NodePtr& node) {
    return make_reduce(kernels::ReduceOp::sum, DType::float64, node, {0}, 0);
  };
  const NodePtr left = sum_of(x), right = sum_of(with_grid(x, ChunkGrid({8}, {2})));
  CHECK_FALSE(are_equal(*left, *colliding(right, left)));
}

TEST_CASE("equality: expressions that share their parts over and over take no time in their power",
          "[expr]") {
  NodePtr left = numbers({3}, 1), right = numbers({3}, 1);
  for (int level = 0; level < 100; ++level) {
    left = make_elementwise(kernels::ElementwiseOp::add, left->dtype, left->dtype, {left, left});
    right = make_elementwise(kernels::ElementwiseOp::add, right->dtype, right->dtype, {right, right});
  }
  CHECK(are_equal(*left, *right));
}

}  // namespace
}  // namespace varve::test
