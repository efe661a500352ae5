#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "property/operation_cases.hpp"
#include "property/resident_memory.hpp"
#include "support/temporary_directory.hpp"

// Every kind of operation, on arrays eight times larger than the budget: the resident set stays below the
// budget and 64 MiB, and the bytes that move are those that the plan foretold.
namespace varve::test {
namespace {

// Within a twentieth; edges of chunks and metadata count little here.
bool is_near(std::int64_t measured, std::int64_t planned) {
  return std::abs(measured - planned) <= planned / 20 + (64 << 10);
}

std::vector<Output> outputs_of(const std::vector<Array>& results, const OperationCase& test,
                               const TemporaryDirectory& directory) {
  std::vector<Output> outputs;
  for (const Array& result : results) {
    SaveOptions options{.codec = "none", .existing = Existing::overwrite};
    if (test.chunks.size() == result.ndim()) {
      Shape chunks = test.chunks;
      for (std::int64_t axis = 0; axis < result.ndim(); ++axis)
        chunks[axis] = std::min(chunks[axis], result.shape()[axis]);
      options.chunks = chunks;
    }
    outputs.push_back({result, directory / ("y" + std::to_string(outputs.size()) + ".zarr"), "", options});
  }
  return outputs;
}

void check_case(const OperationCase& test, const OperationInputs& inputs,
                const TemporaryDirectory& directory) {
  INFO(test.name);
  const Runtime runtime({.memory = test.budget, .threads = 2, .scratch = directory.path().string()});
  reset_peak_resident_bytes();
  const std::vector<Output> outputs = outputs_of(test.build(inputs), test, directory);
  const nlohmann::json plan = nlohmann::json::parse(explain(outputs).json);
  const RunReport report = run(outputs).report;
  INFO(report.bytes_read << " bytes read, " << plan["bytes_read"] << " planned; " << report.bytes_written
                         << " written, " << plan["bytes_written"] << " planned");
  if (test.shares_chunks) {
    CHECK(report.bytes_read <= plan["bytes_read"]);
  } else {
    CHECK(is_near(report.bytes_read, plan["bytes_read"]));
  }
  CHECK(is_near(report.bytes_written, plan["bytes_written"]));
  CHECK(report.peak_leased_bytes <= test.budget);
  if (!kSanitized) CHECK(peak_resident_bytes() <= test.budget + 64_MiB);
}

}  // namespace

TEST_CASE("memory: every operation keeps to the budget, and moves the bytes that its plan says", "[memory]") {
  const TemporaryDirectory directory;
  const OperationInputs& inputs = operation_inputs();
  for (const OperationCase& test : operation_cases()) {
    try {
      check_case(test, inputs, directory);
    } catch (const Error& error) {
      FAIL_CHECK(test.name << ": " << error.what());
    }
  }
}

TEST_CASE("memory: what functions of blocks declare is charged to the budget", "[memory]") {
  const Array x = zeros({64, 1024}, {.chunks = Shape{8, 1024}});
  const auto copy = [](std::span<const ConstStridedView> inputs, const StridedView& out, const Block& block) {
    std::fill(block.workspace.begin(), block.workspace.end(), std::byte{1});
    for_each_element([](std::byte* to, const std::byte* from) { std::copy_n(from, 8, to); }, out, inputs[0]);
  };
  const auto sum = [](const ConstStridedView&, const StridedView& state, const Block& block) {
    std::fill(block.workspace.begin(), block.workspace.end(), std::byte{1});
    for_each_element([](std::byte* to) { *reinterpret_cast<double*>(to) = 1; }, state);
  };
  const Array mapped = map_blocks({x}, copy, {.workspace_bytes = 6_MiB});
  const Array applied = apply_gufunc("(i)->(i)", {x}, copy, {.workspace_bytes = 6_MiB});
  const Array reduced = reduction(x, {.chunk = sum, .combine = [](const auto&, const auto&) {}},
                                  {.axis = 1, .workspace_bytes = 6_MiB});
  for (const Array& result : {mapped, applied, reduced}) {
    {
      const Runtime runtime({.memory = 32_MiB, .threads = 1});
      CHECK(nlohmann::json::parse(explain(result).json)["peak_bytes"].get<std::int64_t>() > 6_MiB);
      CHECK(run({{result}}).report.peak_leased_bytes > 6_MiB);
    }
    const Runtime runtime({.memory = 6_MiB, .threads = 1});
    CHECK_THROWS_AS(compute(result), BudgetError);
  }
}

}  // namespace varve::test
