#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "io/location.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve::io;
using varve::test::TemporaryDirectory;

namespace {

std::string joined(const Location& location) { return location.path + "|" + location.variable; }

}  // namespace

TEST_CASE("location: an input splits at the last colon behind an existing file", "[io]") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "varve_dataset_name";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a:b.dat") << 'x';
  const std::string file = (folder / "a:b.dat").string();
  CHECK(joined(input_location(file)) == file + "|");
  CHECK(joined(input_location(file + ":u10")) == file + "|u10");
  CHECK(joined(input_location(folder.string() + ":group/u10")) == folder.string() + "|group/u10");
  CHECK(joined(input_location("C:nothing")) == "C:nothing|");
  CHECK(joined(input_location("missing.nc:u10")) == "missing.nc|u10");
  CHECK(joined(input_location(file + ":group/t:2m")) == file + "|group/t:2m");
  CHECK(joined(input_location(file + ":a: b:c")) == file + "|a: b:c");
  CHECK(joined(input_location("missing.zarr:t:2m")) == "missing.zarr|t:2m");
  std::filesystem::remove_all(folder);
}

TEST_CASE("location: an output splits behind a known ending", "[io]") {
  CHECK(joined(output_location("out.zarr")) == "out.zarr|");
  CHECK(joined(output_location("out.zarr:u")) == "out.zarr|u");
  CHECK(joined(output_location("dir.zarr/:g/u")) == "dir.zarr/|g/u");
  CHECK(joined(output_location("a:b.nc")) == "a:b.nc|");
  CHECK(joined(output_location("a:b.nc:t")) == "a:b.nc|t");
  CHECK(joined(output_location("C:x")) == "C:x|");
  CHECK(joined(output_location("out.zarr:my group/t:2m")) == "out.zarr|my group/t:2m");
  CHECK(joined(output_location("out.zarr/:t:2m")) == "out.zarr/|t:2m");
}

TEST_CASE("location: addresses of other machines are refused with what to do", "[io]") {
  for (const char* text : {"s3://bucket/x.zarr", "gs://b/x.zarr:v", "https://host/x.nc", "hdfs+x://y"}) {
    INFO(text);
    CHECK_THROWS_WITH(input_location(text), Catch::Contains(text) && Catch::Contains("remote"));
    CHECK_THROWS_WITH(input_location(text), Catch::Contains("known begin with file://)"));
    CHECK_THROWS_AS(output_location(text), varve::ArgumentError);
  }
  CHECK_THROWS_WITH(input_location("file:///x.npy"), Catch::Contains("leave out file://"));
}

TEST_CASE("location: the address of a file here is its path", "[io]") {
  const TemporaryDirectory folder;
  const std::string file = folder / "a.nc";
  std::ofstream(file) << 'x';
  CHECK(joined(input_location("file://" + file)) == file + "|");
  CHECK(joined(input_location("file://" + file + ":group/t:2m")) == file + "|group/t:2m");
  CHECK(joined(output_location("file:///b/out.zarr:t")) == "/b/out.zarr|t");
  CHECK(input_location("file://" + file).scheme == "file");
  for (const char* text : {"file://host/a.nc", "file://a.nc", "file:///a%20b.nc"}) {
    INFO(text);
    CHECK_THROWS_WITH(output_location(text), Catch::Contains("leave out file://"));
  }
}

TEST_CASE("location: what looks like an address and exists is a path", "[io]") {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "s3:");
  const std::string path = folder / "s3:" + "//x.npy";
  std::ofstream(path) << 'x';
  CHECK(joined(input_location(path)) == path + "|");
  CHECK(joined(input_location(path + ":v")) == path + "|v");
}
