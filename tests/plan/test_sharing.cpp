#include <catch2/catch.hpp>

#include "plan/lowering.hpp"
#include "plan/program.hpp"
#include "support/numbers.hpp"

namespace varve::test {
namespace {

using namespace expr;

NodePtr numbers(std::uint64_t identity) {
  return make_generator({4}, DType::float64, ChunkGrid({4}, {4}), std::make_shared<Numbers>(identity));
}

NodePtr with_hash_of(const NodePtr& node, const NodePtr& other) {
  Node copy = *node;
  copy.hash = other->hash;
  return std::make_shared<const Node>(std::move(copy));
}

NodePtr total(const NodePtr& x) { return make_reduce(kernels::ReduceOp::sum, DType::float64, x, {0}, 0); }

TEST_CASE("sharing: equal sources are one leaf, others are not, though their hashes collide", "[plan]") {
  const NodePtr x = numbers(1), same = numbers(1), other = with_hash_of(numbers(2), x);
  const IndexMap map = IndexMap::identity({4});
  plan::SourceTable sources;
  plan::ProgramBuilder builder;
  const int first = builder.add_source(sources.of(x), map);
  CHECK(builder.add_source(sources.of(same), map) == first);
  CHECK(builder.add_source(sources.of(other), map) != first);
  CHECK(builder.program().leaves.size() == 2);
}

TEST_CASE("sharing: equal reductions are one value, others are not, though their hashes collide", "[plan]") {
  const NodePtr x = total(numbers(1)), same = total(numbers(1)), other = with_hash_of(total(numbers(2)), x);
  const plan::Rechunks none;
  const plan::WantedOutputs wanted({});
  plan::Lowering lowering(none, false, wanted);
  for (const NodePtr& node : {x, same, other}) (void)lowering.add_request({node}, -1);
  CHECK(lowering.take_values().size() == 2);
}

}  // namespace
}  // namespace varve::test
