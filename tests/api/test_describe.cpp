#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

TEST_CASE("describe: a file and a variable alone say what they say together", "[api]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"a.nc", "a.zarr"}) {
    INFO(name);
    const std::string path = directory / name;
    SaveOptions options{.dimension_names = {"time"}, .attributes = R"({"units": "K"})"};
    options.group_attributes = {{"", R"({"title": "a"})"}, {"g", R"({"level": 2})"}};
    run({{arange(9), path, "g/x", options}, {arange(9.0), path, "y", options}});
    const FileInfo whole = describe(path);
    const FileInfo file = describe_file(path);
    CHECK(file.variables.empty());
    CHECK(file.path == path);
    CHECK(file.format == whole.format);
    CHECK(file.attributes == R"({"title":"a"})");
    CHECK(file.group_attributes == whole.group_attributes);
    REQUIRE(whole.variables.size() == 2);
    for (const VariableInfo& expected : whole.variables) {
      const VariableInfo variable = describe_variable(path, expected.name);
      CHECK(variable.name == expected.name);
      CHECK(variable.shape == expected.shape);
      CHECK(variable.dtype == expected.dtype);
      CHECK(variable.chunks == expected.chunks);
      CHECK(variable.attributes == expected.attributes);
      CHECK(variable.dimension_names == expected.dimension_names);
      CHECK(expected.stored_bytes > 0);
      CHECK(describe(path, expected.name).variables.at(0).stored_bytes == expected.stored_bytes);
    }
    CHECK_THROWS_AS(describe_variable(path, "z"), Error);
  }
}
