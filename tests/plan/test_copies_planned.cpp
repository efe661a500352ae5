#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

constexpr std::int64_t kRows = std::int64_t{1} << 18;
constexpr std::int64_t kColumns = std::int64_t{1} << 20;
constexpr std::int64_t kBytes = kRows * kColumns * 4;  // 1 TiB

// A matrix of float32 of which only the description and the first row exist: a row per chunk.
Array rows_in(const std::string& path) {
  std::filesystem::create_directory(path);
  const nlohmann::json metadata = {{"zarr_format", 2},
                                   {"shape", {kRows, kColumns}},
                                   {"chunks", {1, kColumns}},
                                   {"dtype", "<f4"},
                                   {"compressor", {{"id", "zlib"}, {"level", 1}}},
                                   {"filters", nullptr},
                                   {"fill_value", 0},
                                   {"order", "C"}};
  std::ofstream(path + "/.zarray") << metadata;
  std::ofstream(path + "/0.0") << std::string(1 << 20, 'x');
  return open(path);
}

}  // namespace

TEST_CASE("plan: a tebibyte in a small budget is copied twice, because one copy would move shreds",
          "[plan]") {
  const test::TemporaryDirectory directory;
  const Array x = rows_in(directory / "rows.zarr");
  const auto planned = [&](std::int64_t memory, const std::string& codec) {
    const Runtime runtime({.memory = memory, .threads = 2, .scratch_codec = codec});
    return explain({{x, directory / "columns.zarr", "", {.chunks = {kRows, 4}, .codec = "none"}}});
  };
  const nlohmann::json small = nlohmann::json::parse(planned(64_MiB, "none").json);
  CHECK(small["passes"] == 3);
  CHECK(small["scratch_bytes"] == 2 * kBytes);
  CHECK(small["bytes_written"] == 3 * kBytes);
  CHECK(small["peak_bytes"] <= 64_MiB);
  const nlohmann::json large = nlohmann::json::parse(planned(4096_MiB, "none").json);
  CHECK(large["passes"] == 2);
  CHECK(large["scratch_bytes"] == kBytes);
}

TEST_CASE("plan: the explanation says that scratch is compressed, and that its bytes are a bound", "[plan]") {
  const test::TemporaryDirectory directory;
  const Array x = rows_in(directory / "rows.zarr");
  const auto planned = [&](const std::string& codec) {
    const Runtime runtime({.memory = 4096_MiB, .threads = 2, .scratch_codec = codec});
    return explain({{x, directory / "columns.zarr", "", {.chunks = {kRows, 4}, .codec = "none"}}});
  };
  CHECK(planned("lz4").text.find("at most 1.0 TiB of scratch, compressed by lz4") != std::string::npos);
  CHECK(nlohmann::json::parse(planned("lz4").json)["scratch_codec"] == "lz4");
  CHECK(planned("none").text.find(", 1.0 TiB scratch\n") != std::string::npos);
  CHECK(nlohmann::json::parse(planned("none").json)["scratch_codec"] == "none");
}

TEST_CASE("runtime: a codec of scratch that does not exist is refused", "[api]") {
  CHECK_THROWS_AS(Runtime({.scratch_codec = "zip"}), Error);
}
