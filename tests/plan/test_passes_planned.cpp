#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// Maps of float32 over time, ten to a chunk, of which only the description and one chunk exist: 320 MB.
Array maps_in(const std::string& path) {
  std::filesystem::create_directory(path);
  const nlohmann::json metadata = {{"zarr_format", 2},
                                   {"shape", {4000, 100, 200}},
                                   {"chunks", {10, 100, 200}},
                                   {"dtype", "<f4"},
                                   {"compressor", {{"id", "zlib"}, {"level", 1}}},
                                   {"filters", nullptr},
                                   {"fill_value", 0},
                                   {"order", "C"}};
  std::ofstream(path + "/.zarray") << metadata;
  std::ofstream(path + "/0.0.0") << std::string(400'000, 'x');
  return open(path);
}

nlohmann::json planned(const Array& array, std::int64_t memory) {
  const Runtime runtime({.memory = memory, .threads = 2});
  return nlohmann::json::parse(explain(array).json);
}

bool names(const nlohmann::json& plan, const std::string& text) {
  return plan.dump().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("plan: medians across chunks are found in passes where memory allows, else by copying to scratch",
          "[plan]") {
  const test::TemporaryDirectory directory;
  const Array middle = median(maps_in(directory / "maps.zarr"), {.axis = 0});
  const nlohmann::json large = planned(middle, 64_MiB);
  CHECK(names(large, "quantile, in passes"));
  CHECK(large["scratch_bytes"] == 0);
  CHECK(large["bytes_read"] < 3 * large["min_bytes_read"].get<std::int64_t>());
  CHECK(large["peak_bytes"] <= 64_MiB);
  const nlohmann::json small = planned(middle, 8_MiB);
  CHECK_FALSE(names(small, "in passes"));
  CHECK(small["scratch_bytes"] == 320'000'000);
}

TEST_CASE("plan: medians along chunks take one pass, however much memory there is", "[plan]") {
  const test::TemporaryDirectory directory;
  const Array middle = median(maps_in(directory / "maps.zarr"), {.axis = {1, 2}});
  for (const std::int64_t memory : {16_MiB, 64_MiB, 1024_MiB}) {
    const nlohmann::json plan = planned(middle, memory);
    CHECK_FALSE(names(plan, "in passes"));
    CHECK(plan["bytes_read"] == plan["min_bytes_read"]);
  }
}
