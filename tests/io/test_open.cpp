#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "io/format.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
using varve::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

void write_text(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

const std::string kV2 = R"({"zarr_format": 2, "shape": [3], "chunks": [2], "dtype": ">i2", "order": "C",
                            "compressor": null, "filters": null, "fill_value": 258,
                             "dimension_separator": "/"})";

}  // namespace

TEST_CASE("open: files of formats that are not read are refused with advice", "[io][open]") {
  const TemporaryDirectory directory;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {std::string("CDF\x01") + "....", "nccopy -k nc4"},
      {std::string("CDF\x02") + "....", "nccopy -k nc4"},
      {std::string("II*\0....", 8), "TIFF"},
      {std::string("MM\0*....", 8), "TIFF"},
      {std::string("PK\x03\x04....", 8), "zip"},
      {"text", "unknown"},
      {"", "unknown"}};
  for (const auto& [content, advice] : rows) {
    write_text(directory / "file", content);
    REQUIRE_THROWS_AS(open_dataset(directory / "file"), FormatError);
    REQUIRE_THROWS_WITH(summarize_file(directory / "file"), Catch::Contains(advice));
  }
  REQUIRE_THROWS_AS(open_dataset(directory / "missing"), StorageError);
  REQUIRE_THROWS_AS(open_dataset(directory.path().string()), FormatError);
}

TEST_CASE("open: a Zarr is found by content, by variable or as the only array", "[io][open][zarr]") {
  const TemporaryDirectory directory;
  const std::string root = directory / "store";
  write_text(root + "/.zgroup", R"({"zarr_format": 2})");
  write_text(root + "/.zattrs", R"({"title": "t", "missing": NaN})");
  write_text(root + "/g/.zgroup", R"({"zarr_format": 2})");
  write_text(root + "/g/a/.zarray", kV2);
  write_text(root + "/g/a/.zattrs", R"({"_FillValue": NaN, "_ARRAY_DIMENSIONS": ["x"]})");
  write_text(root + "/g/a/1", std::string("\x01\x02\x03\x04", 4));
  for (const auto& [path, variable] : {std::pair<std::string, std::string>{root, "g/a"},
                                       {root, "/g/a"},
                                       {root, ""},
                                       {root + "/g", "a"},
                                       {root + "/g/a", ""}}) {
    INFO(path << " " << variable);
    const auto dataset = open_dataset(path, variable);
    REQUIRE(dataset->info().dimension_names == std::vector<std::string>{"x"});
    // Chunk 0 is missing: fill value 258; chunk 1 is big-endian, its second element lies outside the array.
    const auto bytes = test::read_whole(*dataset);
    std::int16_t values[3];
    std::memcpy(values, bytes.data(), 6);
    REQUIRE(values[0] == 258);
    REQUIRE(values[1] == 258);
    REQUIRE(values[2] == 0x0102);
    const auto part = test::read_parts(*dataset, Box({1}, {3}));
    REQUIRE(std::memcmp(part.data(), values + 1, 4) == 0);
  }
  REQUIRE(summarize_file(root).attributes.values["title"] == "t");
  for (const char* name : {"..", "../store/g/a", "g/../g/a", "g//a"})
    REQUIRE_THROWS_AS(open_dataset(root, name), Error);
}

TEST_CASE("open: consolidated metadata describes arrays without files of their own", "[io][open][zarr]") {
  const TemporaryDirectory directory;
  write_text(directory / "v2/.zmetadata",
             R"({"zarr_consolidated_format": 1, "metadata": {".zgroup": {"zarr_format": 2}, "a/.zarray": )" +
                 kV2 + R"(, "../b/.zarray": )" + kV2 + "}}");
  REQUIRE(open_dataset(directory / "v2")->info().shape == Shape{3});
  const std::string v3 =
      R"({"zarr_format": 3, "node_type": "array", "shape": [2], "data_type": "int8", "fill_value": 5,
    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2]}}, "codecs": ["bytes"],
    "chunk_key_encoding": {"name": "default"}})";
  write_text(directory / "v3/zarr.json", R"({"zarr_format": 3, "node_type": "group", "attributes": {"k": 1},
    "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": {"g/a": )" +
                                             v3 + "}}}");
  REQUIRE(summarize_file(directory / "v3").attributes.values["k"] == 1);
  REQUIRE(open_dataset(directory / "v3", "g/a")->info().fill_value == Scalar(std::uint64_t{5}));
}

TEST_CASE("open: damaged metadata is named and does not hide the other arrays", "[io][open][zarr][damage]") {
  const TemporaryDirectory directory;
  const std::string root = directory / "store";
  write_text(root + "/.zgroup", R"({"zarr_format": 2})");
  write_text(root + "/good/.zarray", kV2);
  write_text(root + "/bad/.zarray", "{\"zarr_format\": 2");
  write_text(root + "/text/.zarray", R"({"zarr_format": 2, "shape": [3], "chunks": [2], "dtype": "<U3"})");
  const FileSummary summary = summarize_file(root);
  REQUIRE(summary.variables.size() == 3);
  REQUIRE(summary.variables[0].problem.find("bad/.zarray") != std::string::npos);
  REQUIRE(summary.variables[1].problem.empty());
  REQUIRE(summary.variables[2].problem.find("<U3") != std::string::npos);
  REQUIRE_NOTHROW(open_dataset(root, "good"));
  REQUIRE_THROWS_AS(open_dataset(root, "bad"), FormatError);
  write_text(root + "/good/.zattrs", "[1, 2");
  REQUIRE_THROWS_AS(open_dataset(root, "good"), FormatError);
}

TEST_CASE("open: identity changes with the data", "[io][open]") {
  const TemporaryDirectory directory;
  const std::string root = directory / "store";
  write_text(root + "/.zarray", kV2);
  const std::string before = open_dataset(root)->info().identity;
  REQUIRE(open_dataset(root)->info().identity == before);
  fs::last_write_time(root + "/.zarray", fs::file_time_type::clock::now() + std::chrono::hours(1));
  REQUIRE(open_dataset(root)->info().identity != before);
}

TEST_CASE("open: identity changes when a chunk is written in place, however deep it lies", "[io][open]") {
  const TemporaryDirectory directory;
  for (const std::string name : {"", "group/x"}) {
    const std::string root = directory / ("store" + std::to_string(name.size()));
    const std::string array = name.empty() ? root : root + "/" + name;
    write_text(root + "/.zgroup", R"({"zarr_format": 2})");
    write_text(array + "/.zarray", kV2);
    write_text(array + "/0/0", "abcd");
    const std::string before = open_dataset(root, name)->info().identity;
    REQUIRE(open_dataset(root, name)->info().identity == before);
    const auto time = fs::last_write_time(array + "/0/0");
    write_text(array + "/0/0", "abce");
    fs::last_write_time(array + "/0/0", time + std::chrono::milliseconds(1));
    REQUIRE(open_dataset(root, name)->info().identity != before);
  }
}

TEST_CASE("open: metadata of more than 4 MiB is refused by name", "[io][open][zarr][damage]") {
  const TemporaryDirectory directory;
  for (const std::string key : {".zarray", "zarr.json", ".zattrs", ".zmetadata"}) {
    INFO(key);
    const std::string root = directory / ("store" + key);
    write_text(root + "/.zarray", kV2);
    write_text(root + "/" + key, "{\"x\": \"" + std::string(4 << 20, 'x') + "\"}");
    REQUIRE_THROWS_AS(open_dataset(root), FormatError);
    REQUIRE_THROWS_WITH(open_dataset(root),
                        Catch::Contains("\"" + key + "\"") && Catch::Contains("not read"));
  }
}
