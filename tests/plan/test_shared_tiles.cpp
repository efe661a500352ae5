#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "plan/footprint.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// A volume of 4 GiB of which only the description and one chunk exist.
Array volume_in(const std::string& path, const nlohmann::json& compressor) {
  std::filesystem::create_directory(path);
  const nlohmann::json metadata = {
      {"zarr_format", 2},         {"shape", {512, 2048, 2048}}, {"chunks", {64, 256, 256}}, {"dtype", "<u2"},
      {"compressor", compressor}, {"filters", nullptr},         {"fill_value", 0},          {"order", "C"}};
  std::ofstream(path + "/.zarray") << metadata;
  std::ofstream(path + "/0.0.0") << std::string(4'000'000, 'x');
  return open(path);
}

nlohmann::json planned(const Array& array, std::int64_t memory, int threads) {
  const Runtime runtime({.memory = memory, .threads = threads});
  return nlohmann::json::parse(explain({{array, "smooth.zarr", "", {.chunks = Shape{64, 256, 256}}}}).json);
}

const nlohmann::json kLz4 = {
    {"id", "blosc"}, {"cname", "lz4"}, {"clevel", 5}, {"shuffle", 1}, {"blocksize", 0}};
const nlohmann::json kZlib = {{"id", "zlib"}, {"level", 1}};

}  // namespace

TEST_CASE("plan: threads share large tiles of a filter where tiles of their own would decode too often",
          "[plan]") {
  const test::TemporaryDirectory directory;
  const Array smooth = gaussian_filter(volume_in(directory / "lz4.zarr", kLz4), {2.0});
  const nlohmann::json plan = planned(smooth, 512_MiB, 2);
  CHECK(plan["scratch_bytes"] == 0);
  CHECK(plan["stages"][0]["threads_per_tile"] == 2);
  CHECK(plan["bytes_read"] <= 4 * plan["min_bytes_read"].get<std::int64_t>());
  CHECK(plan["peak_bytes"] <= 512_MiB);
  const nlohmann::json small = planned(smooth, 96_MiB, 2);
  CHECK(small["scratch_bytes"] == std::int64_t{4096} * 1_MiB);
}

TEST_CASE("plan: threads do not share tiles of which one of them would reduce or compute alone", "[plan]") {
  const test::TemporaryDirectory directory;
  const Array smooth = gaussian_filter(volume_in(directory / "lz4.zarr", kLz4), {2.0});
  const Runtime runtime({.memory = 512_MiB, .threads = 2});
  CHECK(nlohmann::json::parse(explain(sum(smooth)).json)["stages"].back()["threads_per_tile"] == 1);
}

TEST_CASE("plan: what decodes slowly is copied to scratch rather than decoded four times", "[plan]") {
  const test::TemporaryDirectory directory;
  const Array smooth = gaussian_filter(volume_in(directory / "zlib.zarr", kZlib), {2.0});
  CHECK(planned(smooth, 512_MiB, 2)["scratch_bytes"] == std::int64_t{4096} * 1_MiB);
}

TEST_CASE("plan: the buffers of threads that write the chunks of a tile take no more than the tile",
          "[plan]") {
  plan::Value value;
  value.dtype = DType::float32;
  value.shape = {512, 2048, 2048};
  value.placement = plan::Placement::output;
  value.output_chunks = ChunkGrid(value.shape, {32, 512, 512});
  value.write_workspace_bytes = 33_MiB;
  plan::Stage stage;
  stage.domain = value.shape;
  stage.tiling.workers = 32;
  for (const Shape& tile : {Shape{32, 512, 512}, Shape{32, 1024, 1024}, Shape{64, 2048, 2048}}) {
    stage.tiling.tiles = ChunkGrid(value.shape, tile);
    const int writers = plan::chunk_writers(stage, {}, value);
    INFO(writers << " writers for tiles of " << to_string(tile));
    CHECK(writers >= 1);
    CHECK((writers - 1) * plan::write_chunk_bytes(value) <= 4 * element_count(tile));
  }
  CHECK(plan::chunk_writers(stage, {}, value) > 8);
  value.output_chunks = ChunkGrid(value.shape, {32, 64, 64});
  value.write_workspace_bytes = 1_MiB;
  CHECK(plan::chunk_writers(stage, {}, value) == 32);
}

TEST_CASE("plan: many threads that write large chunks do not need much more memory than two", "[plan]") {
  const test::TemporaryDirectory directory;
  const Array smooth = gaussian_filter(volume_in(directory / "lz4.zarr", kLz4), {2.0});
  const auto plan_for = [&](int threads) {
    const Runtime runtime({.memory = 1_GiB, .threads = threads});
    const SaveOptions options{.chunks = Shape{64, 512, 512}};
    return nlohmann::json::parse(explain({{smooth, directory / "y.zarr", "", options}}).json);
  };
  const nlohmann::json few = plan_for(2);
  const nlohmann::json many = plan_for(32);
  INFO(few.dump() << many.dump());
  CHECK(many["scratch_bytes"] == few["scratch_bytes"]);
  CHECK(many["bytes_read"].get<double>() <= 1.5 * few["bytes_read"].get<double>());
}
