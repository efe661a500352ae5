#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "cli/dataset_name.hpp"
#include "varve/core/error.hpp"

using namespace varve::cli;

namespace {

std::string joined(const DatasetName& name) { return name.path + "|" + name.variable; }

}  // namespace

TEST_CASE("dataset name: an input splits at the last colon behind an existing file", "[cli]") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "varve_dataset_name";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a:b.dat") << 'x';
  const std::string file = (folder / "a:b.dat").string();
  CHECK(joined(input_name(file)) == file + "|");
  CHECK(joined(input_name(file + ":u10")) == file + "|u10");
  CHECK(joined(input_name(folder.string() + ":group/u10")) == folder.string() + "|group/u10");
  CHECK(joined(input_name("C:nothing")) == "C:nothing|");
  CHECK(joined(input_name("missing.nc:u10")) == "missing.nc|u10");
  CHECK(joined(input_name(file + ":group/t:2m")) == file + "|group/t:2m");
  CHECK(joined(input_name(file + ":a: b:c")) == file + "|a: b:c");
  CHECK(joined(input_name("missing.zarr:t:2m")) == "missing.zarr|t:2m");
  std::filesystem::remove_all(folder);
}

TEST_CASE("dataset name: an output splits behind a known ending", "[cli]") {
  CHECK(joined(output_name("out.zarr")) == "out.zarr|");
  CHECK(joined(output_name("out.zarr:u")) == "out.zarr|u");
  CHECK(joined(output_name("dir.zarr/:g/u")) == "dir.zarr/|g/u");
  CHECK(joined(output_name("a:b.nc")) == "a:b.nc|");
  CHECK(joined(output_name("a:b.nc:t")) == "a:b.nc|t");
  CHECK(joined(output_name("C:x")) == "C:x|");
  CHECK(joined(output_name("out.zarr:my group/t:2m")) == "out.zarr|my group/t:2m");
  CHECK(joined(output_name("out.zarr/:t:2m")) == "out.zarr/|t:2m");
}

TEST_CASE("dataset name: addresses of other machines are refused with what to do", "[cli]") {
  for (const char* text : {"s3://bucket/x.zarr", "gs://b/x.zarr:v", "https://host/x.nc", "hdfs+x://y"}) {
    INFO(text);
    CHECK_THROWS_WITH(input_name(text), Catch::Contains(text) && Catch::Contains("remote"));
    CHECK_THROWS_AS(output_name(text), varve::ArgumentError);
  }
  CHECK_THROWS_WITH(input_name("file:///x.npy"), Catch::Contains("leave out file://"));
}

TEST_CASE("dataset name: inputs need NAME=", "[cli]") {
  CHECK(named_input("x=a.npy").name == "x");
  CHECK(named_input("x=a=b.npy").dataset.path == "a=b.npy");
  CHECK_THROWS_AS(named_input("a.npy"), varve::ExpressionError);
  CHECK_THROWS_AS(named_input("1x=a.npy"), varve::ExpressionError);
  CHECK_THROWS_AS(named_input("None=a.npy"), varve::ExpressionError);
  CHECK_THROWS_AS(named_input("=a.npy"), varve::ExpressionError);
}
