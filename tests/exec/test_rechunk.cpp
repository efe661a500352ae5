#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

const Shape kShape = {96, 180, 140};

float value_at(std::int64_t i, std::int64_t j, std::int64_t k) {
  return static_cast<float>(i * 10000 + j * 100 + k);
}

// The whole array, in chunks that are maps or columns.
void store(const std::string& path, const Shape& chunks) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < kShape[0]; ++i) {
    for (std::int64_t j = 0; j < kShape[1]; ++j) {
      for (std::int64_t k = 0; k < kShape[2]; ++k) values.push_back(value_at(i, j, k));
    }
  }
  save(from_values(values, kShape), path, {.chunks = chunks, .codec = "zstd:1"});
}

std::int64_t wrong_values(const std::string& path) {
  const std::vector<float> values = to_vector<float>(open(path));
  std::int64_t wrong = 0;
  std::size_t at = 0;
  for (std::int64_t i = 0; i < kShape[0]; ++i) {
    for (std::int64_t j = 0; j < kShape[1]; ++j) {
      for (std::int64_t k = 0; k < kShape[2]; ++k) wrong += values[at++] == value_at(i, j, k) ? 0 : 1;
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("rechunk: an array is cut anew through scratch where tiles would decode it over and over",
          "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime large({.memory = 256_MiB, .threads = 2});
  for (const auto& [from, to] : {std::pair<Shape, Shape>{{1, 180, 140}, {96, 7, 9}},
                                 {{96, 9, 5}, {1, 180, 140}},
                                 {{96, 180, 1}, {1, 180, 140}}}) {
    std::filesystem::remove_all(directory / "from.zarr");
    store(directory / "from.zarr", from);
    for (const std::int64_t memory : {1536_KiB, 64_MiB}) {
      INFO(to_string(from) << " to " << to_string(to) << " in " << memory);
      const Runtime runtime({.memory = memory, .threads = 2, .scratch = directory.path().string()});
      const Array x = open(directory / "from.zarr");
      const std::vector<Output> outputs = {
          {x, directory / "to.zarr", "", {.chunks = to, .codec = "zstd:1", .existing = Existing::overwrite}}};
      const nlohmann::json plan = nlohmann::json::parse(explain(outputs).json);
      if (memory < 64_MiB) CHECK(plan["scratch_bytes"] > 0);
      if (memory == 64_MiB) CHECK(plan["scratch_bytes"] == 0);
      CHECK(plan["ratio_to_lower_bound"] <= 4.0);
      const RunReport report = run(outputs).report;
      CHECK(report.peak_leased_bytes <= memory);
      CHECK(report.scratch_bytes == plan["scratch_bytes"]);
      const Runtime reading({.memory = 256_MiB, .threads = 2});
      CHECK(wrong_values(directory / "to.zarr") == 0);
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    CHECK(entry.path().extension() == ".zarr");
}

TEST_CASE("rechunk: two operands cut across each other meet in a small budget", "[exec]") {
  const test::TemporaryDirectory directory;
  {
    const Runtime large({.memory = 256_MiB, .threads = 2});
    store(directory / "maps.zarr", {1, 180, 140});
    store(directory / "columns.zarr", {96, 1, 140});
  }
  const Runtime runtime({.memory = 2_MiB, .threads = 2, .scratch = directory.path().string()});
  const Array difference = open(directory / "maps.zarr") - open(directory / "columns.zarr");
  CHECK(to_vector<float>(max(abs(difference))) == std::vector<float>{0.0F});
  CHECK(to_vector<float>(max(abs(flip(difference, 1)(Slice{3, {}, 5})))) == std::vector<float>{0.0F});
}

TEST_CASE("rechunk: changes natural chunks, not values, and refuses extents that make no sense", "[ops]") {
  const Array x = rechunk(arange(24.0)(Slice{2, {}}), {5});
  CHECK(x.chunks().chunks() == Shape{5});
  CHECK(to_vector<double>(x).front() == 2.0);
  CHECK(rechunk(zeros({4, 6}), {-1, 100}).chunks().chunks() == Shape{4, 6});
  CHECK_THROWS_AS(rechunk(zeros({4, 6}), {4}), ShapeError);
  CHECK_THROWS_AS(rechunk(zeros({4, 6}), {4, 0}), ShapeError);
}

TEST_CASE("rechunk: scratch that has no room is refused before any output is made", "[exec]") {
  const test::TemporaryDirectory directory;
  {
    const Runtime large({.memory = 256_MiB, .threads = 2});
    store(directory / "maps.zarr", {1, 180, 140});
  }
  const Runtime runtime({.memory = 2_MiB, .threads = 2, .scratch = "/proc"});
  CHECK_THROWS_AS(save(open(directory / "maps.zarr"), directory / "columns.zarr", {.chunks = {96, 7, 9}}),
                  StorageError);
  CHECK_FALSE(std::filesystem::exists(directory / "columns.zarr"));
}

TEST_CASE("rechunk: what rechunk gives is saved in the chunks that it was given", "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 16_MiB, .threads = 2});
  save(reshape(arange(60 * 50 * 7, {.dtype = DType::float32}), {60, 50, 7}), directory / "x.zarr",
       {.chunks = Shape{4, 50, 7}});
  const Array x = open(directory / "x.zarr");
  save(rechunk(x, {-1, 5, 2}), directory / "y.zarr");
  CHECK(open(directory / "y.zarr").chunks().chunks() == Shape{60, 5, 2});
  CHECK(item<std::int64_t>(count_nonzero(open(directory / "y.zarr") != x)) == 0);
  save(rechunk(x, {-1, 5, 2}), directory / "z.zarr", {.chunks = Shape{10, 10, 7}});
  CHECK(open(directory / "z.zarr").chunks().chunks() == Shape{10, 10, 7});
}
