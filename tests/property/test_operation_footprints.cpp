#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "property/operation_cases.hpp"

// What src/ops/README.md says that operations need beside their inputs and results, worked out here from the
// tiles that a plan names, against the bytes that the plan sets aside.
namespace varve::test {
namespace {

using Tile = std::vector<std::int64_t>;

constexpr std::int64_t kBudget = 64_MiB;
constexpr std::int64_t kElement = 4;  // float32
// A decoded chunk of x, and room to decode it.
constexpr std::int64_t kInputBytes = kSanitized ? 384_KiB : 1536_KiB;
// Vectors and whatever else a tile or an evaluator keeps, at most.
constexpr std::int64_t kEach = 512_KiB;

struct Footprint {
  std::string test;       ///< an operation case
  std::string operation;  ///< the leaf of the plan
  /// The workspace for a tile of those extents on so many threads, in bytes.
  std::function<std::int64_t(const Tile&, std::int64_t)> workspace;
};

std::int64_t product(const Tile& tile) {
  std::int64_t count = 1;
  for (const std::int64_t extent : tile) count *= extent;
  return count;
}

std::int64_t grown_bytes(const Tile& tile, const Tile& reach) {
  std::int64_t count = kElement;
  for (std::size_t axis = 0; axis < tile.size(); ++axis) count *= tile[axis] + 2 * reach[axis];
  return count;
}

std::int64_t nothing(const Tile&, std::int64_t) { return 0; }

std::vector<Footprint> footprints(const Shape& x) {
  const auto rows_of = [x](std::size_t axis, std::int64_t per_item) {
    return [=](const Tile& tile, std::int64_t threads) {
      const std::int64_t length = x[static_cast<std::int64_t>(axis)];
      return product(tile) / tile[axis] * length * kElement + threads * length * per_item;
    };
  };
  return {
      {"concat", "concat", nothing},
      {"stack", "concat", nothing},
      {"hstack", "concat", nothing},
      {"vstack", "concat", nothing},
      {"concat of 64", "concat", nothing},
      {"roll", "roll", nothing},
      {"pad", "pad", nothing},
      {"reshape", "reshape", nothing},
      {"matmul", "contract",
       [](const Tile& tile, std::int64_t) { return 2 * (tile[0] + tile[1]) * 512 * kElement; }},
      {"cumulative_sum", "scan", [](const Tile& tile, std::int64_t) { return tile[1] * tile[2] * 8; }},
      {"map_overlap, wrap", "map_overlap",
       [](const Tile& tile, std::int64_t) {
         return grown_bytes(tile, {1, 2, 1});
       }},
      {"gaussian_filter", "separable_filter",
       [](const Tile& tile, std::int64_t threads) {
         return grown_bytes(tile, {4, 4, 4}) + threads * 2_MiB;
       }},
      {"uniform_filter", "separable_filter",
       [](const Tile& tile, std::int64_t threads) {
         return grown_bytes(tile, {1, 2, 3}) + threads * 2_MiB;
       }},
      {"laplace", "stencil",
       [](const Tile& tile, std::int64_t threads) {
         return grown_bytes(tile, {1, 1, 1}) + threads * tile[2] * 8;
       }},
      {"correlate", "stencil",
       [](const Tile& tile, std::int64_t threads) {
         return grown_bytes(tile, {1, 1, 1}) + threads * tile[2] * 8;
       }},
      {"nanmedian", "quantile",
       [x](const Tile& tile, std::int64_t threads) {
         return product(tile) * x[1] * kElement + threads * x[1] * 8;
       }},
      {"argsort", "sort", rows_of(1, 24)},
      {"topk", "sort", rows_of(0, 24)},
      {"groupby_reduce, sum", "groupby_reduce",
       [](const Tile& tile, std::int64_t threads) { return 12 * tile[1] * tile[2] * 8 + threads * 4_MiB; }},
      {"map_blocks", "map_blocks",
       [](const Tile&, std::int64_t threads) { return threads * (2 * kInputBytes / 3 + 64_KiB); }},
  };
}

// Whether the plan sets aside no more than the formula for the tiles of one stage.
void check_stage(const nlohmann::json& stage, const Footprint& expected, std::int64_t element_bytes) {
  const auto tile = stage["step"].get<Tile>();
  const auto threads = stage["threads_per_tile"].get<std::int64_t>();
  const std::int64_t box = product(tile) * element_bytes;
  const std::int64_t inputs = 2 * threads * (kInputBytes + kEach);
  // The box once as it is made and once as it is written, and an output chunk.
  const std::int64_t formula = 3 * box + inputs + expected.workspace(tile, threads) + kEach;
  INFO(expected.test << ": " << stage.dump());
  // Blocks of the buffer pool are up to an eighth larger than what is asked for.
  CHECK(stage["tile_bytes"].get<std::int64_t>() <= formula + formula / 8);
}

}  // namespace

TEST_CASE("memory: operations set aside no more than what is written about them", "[memory]") {
  const OperationInputs& inputs = operation_inputs();
  const Runtime runtime({.memory = kBudget, .threads = 2});
  const std::vector<OperationCase> cases = operation_cases();
  for (const Footprint& expected : footprints(inputs.x.shape())) {
    const auto test = std::find_if(cases.begin(), cases.end(),
                                   [&](const OperationCase& other) { return other.name == expected.test; });
    INFO(expected.test);
    REQUIRE(test != cases.end());
    const Array result = test->build(inputs).front();
    const nlohmann::json plan = nlohmann::json::parse(explain({{result, "y.zarr"}}).json);
    std::int64_t found = 0;
    for (const nlohmann::json& stage : plan["stages"]) {
      if (stage["reads"].empty() || stage["reads"][0]["source"] != expected.operation) continue;
      check_stage(stage, expected, size_bytes(result.dtype()));
      ++found;
    }
    CHECK(found > 0);
  }
}

}  // namespace varve::test
