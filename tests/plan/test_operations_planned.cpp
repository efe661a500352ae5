#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "expr/parameters.hpp"
#include "plan/plan.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// Needs all of its inputs for each box, and counts how often it is asked.
class NeedsAll final : public expr::BoxOperator {
 public:
  NeedsAll(const Shape& needed, bool says_so) : needed_(needed) {
    if (says_so) reading_.same_from = 0;
  }

  [[nodiscard]] std::string_view kind() const noexcept override { return "needs_all"; }
  [[nodiscard]] expr::Parameters parameters() const override { return {}; }
  [[nodiscard]] std::vector<Box> demand(int, const Box&) const override {
    ++demands;
    return {Box(needed_)};
  }
  void run(const Box&, const StridedView&, expr::OperatorContext&) const override {}

  mutable std::atomic<int> demands = 0;

 private:
  Shape needed_;
};

}  // namespace

TEST_CASE("plan: what an operation needs alike for every box is looked at once, with the same plan",
          "[plan]") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "x.zarr";
  save(full({40, 30}, 1.5), path, {.chunks = {7, 30}});
  const Shape shape{std::int64_t{1} << 20, std::int64_t{1} << 12};
  const auto planned = [&](const std::shared_ptr<const NeedsAll>& op) {
    const std::vector<expr::NodePtr> inputs(20, open(path).node());
    const expr::NodePtr node =
        expr::make_operation(ChunkGrid(shape, {1 << 10, 1 << 10}), DType::float64, inputs, op);
    plan::Request request{node};
    request.output_chunks = node->grid;
    return explain_text(plan::make_plan({request}, {.memory_bytes = 64_MiB, .threads = 2}));
  };
  const auto silent = std::make_shared<const NeedsAll>(Shape{40, 30}, false);
  const auto known = std::make_shared<const NeedsAll>(Shape{40, 30}, true);
  REQUIRE(planned(known) == planned(silent));
  REQUIRE(known->demands > 0);
  REQUIRE(known->demands * 10 < silent->demands);
}

TEST_CASE("plan: values that lie in scratch already are not copied for operations that reread them",
          "[plan]") {
  const Array x = random::uniform({5000, 5000});
  for (const std::int64_t memory : {64_MiB, 128_MiB}) {
    const Runtime runtime({.memory = memory, .threads = 2});
    const nlohmann::json plan = nlohmann::json::parse(explain(mean(solve(x, x), {.axis = 0})).json);
    CHECK(plan["scratch_bytes"] > 0);
    CHECK(plan["peak_bytes"] <= memory);
  }
}
